/** Parts of a campaign: their names and what they cover. Pure. */
import type { Api } from "../../api/client";

type PartScope = Api<"Scope">;
export type PartName = Pick<Api<"PartName">, "scope" | "value">;

/** In the order of the picker. Not a channel: the only one is the whole campaign. */
export const SCOPES: readonly PartScope[] = [
  "list",
  "region",
  "zone",
  "calling_number",
  "trunk",
];

export function keyOf(part: PartName): string {
  return `${part.scope}:${part.value}`;
}

interface Covered {
  /** Leads; null where nothing of it has any bound to it. */
  leads: number | null;
  ringing: number;
  talking: number;
}

/** What several parts cover together, at most: what two of them have in common counts twice. */
export function covered(parts: readonly Covered[]): Covered {
  const bound = parts.filter((part) => part.leads !== null);
  const sum = (of: (part: Covered) => number) => parts.reduce((all, part) => all + of(part), 0);
  return {
    leads: bound.length === 0 ? null : bound.reduce((all, part) => all + (part.leads ?? 0), 0),
    ringing: sum((part) => part.ringing),
    talking: sum((part) => part.talking),
  };
}
