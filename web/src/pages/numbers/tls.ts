/** How the way to a provider is encrypted. Pure. */
import type { NewProvider } from "../../api/providers";

export type Tls = NonNullable<NewProvider["tls"]>;

const WAYS: readonly Tls[] = ["none", "tls", "starttls"];

/** STARTTLS is a way of mail alone. */
export function waysOf(kind: string): Tls[] {
  return WAYS.filter((tls) => tls !== "starttls" || kind === "smtp");
}

const TLS_AT: Readonly<Record<string, number>> = { http: 443, smtp: 465 };

/** Such a port speaks TLS from the first byte. */
export function wantsTls(kind: string, port: number | string): boolean {
  return TLS_AT[kind] === Number(port);
}

/** What was chosen, where providers of this kind know it; else, as it was to be encrypted, TLS. */
export function tlsOf(kind: string, chosen: Tls): Tls {
  return waysOf(kind).includes(chosen) ? chosen : "tls";
}
