/** What the charts show, made from what the API says. Pure. */

export const RANGES = ["all", "1h", "24h", "7d"] as const;
export type Range = (typeof RANGES)[number];

const HOUR = 3_600_000;

/** How far back, ms; null: to the first call. */
export const SPAN: Record<Range, number | null> = {
  all: null,
  "1h": HOUR,
  "24h": 24 * HOUR,
  "7d": 7 * 24 * HOUR,
};

export interface Interval {
  from: number;
  to: number;
}

/** When the campaign was paused, within a time; transitions come newest first. */
export function pauses(
  transitions: readonly { to_state: string; at: string }[],
  start: number,
  end: number,
): Interval[] {
  const found: Interval[] = [];
  let since: number | null = null;
  const close = (to: number): void => {
    if (since !== null && to > start && since < end) {
      found.push({ from: Math.max(since, start), to: Math.min(to, end) });
    }
    since = null;
  };
  for (const { to_state: state, at } of [...transitions].reverse()) {
    const moment = Date.parse(at);
    if (state === "pausing" || state === "paused") since ??= moment;
    else close(moment);
  }
  close(end);
  return found;
}

/** Abandoned per call that somebody picked up, as `rules/report.py` defines it; null without. */
export function abandonment(outcomes: Readonly<Record<string, number>>): number | null {
  const abandoned = outcomes["abandoned"] ?? 0;
  const picked = (outcomes["answered"] ?? 0) + abandoned;
  return picked === 0 ? null : abandoned / picked;
}
