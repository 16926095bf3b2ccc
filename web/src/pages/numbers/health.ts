/** How a trunk is, by what the running cells say of it. Pure. */

export type Health = "answers" | "silent" | "unknown" | "off";

interface Seen {
  readonly enabled: boolean;
  readonly register: boolean;
  readonly health: readonly { readonly reachable: boolean; readonly registered: boolean | null }[];
}

/** One cell that cannot reach it, or is not registered where it must be, is enough to be silent. */
export function healthOf({ enabled, register, health }: Seen): Health {
  if (!enabled) return "off";
  if (health.length === 0) return "unknown";
  const well = health.every((each) => each.reachable && (!register || each.registered !== false));
  return well ? "answers" : "silent";
}
