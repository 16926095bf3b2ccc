/** How the way to a provider is encrypted. Pure. */
import type { NewProvider } from "../../api/providers";

export type Tls = NonNullable<NewProvider["tls"]>;

const WAYS: readonly Tls[] = ["none", "tls", "starttls"];

/** STARTTLS is a way of mail alone. */
export function waysOf(kind: string): Tls[] {
  return WAYS.filter((tls) => tls !== "starttls" || kind === "smtp");
}

/** What was chosen, where providers of this kind know it; else, as it was to be encrypted, TLS. */
export function tlsOf(kind: string, chosen: Tls): Tls {
  return waysOf(kind).includes(chosen) ? chosen : "tls";
}
