/** The periods to choose from, by the clock that times are shown by. Pure but for `now`. */
import type { Span } from "../../api/reports";
import { fromLocal, toLocal } from "../../parts/campaign-settings/localTime";

export type Period = "today" | "yesterday" | "week" | "month" | "own";

/** From when until when: whole days of the clock; today ends with the minute that runs. */
export function spanOf(period: Exclude<Period, "own">, now: Date, zone: string): Span {
  const today = toLocal(now.toISOString(), zone).slice(0, 10);
  // Rounded, so that what was asked for is the same for a minute.
  const until = new Date(Math.ceil(now.getTime() / 60_000) * 60_000).toISOString();
  switch (period) {
    case "today":
      return { from: midnight(today, zone), to: until };
    case "yesterday":
      return { from: midnight(shifted(today, -1), zone), to: midnight(today, zone) };
    case "week":
      return { from: midnight(shifted(today, -6), zone), to: until };
    case "month":
      return { from: midnight(shifted(today, -29), zone), to: until };
  }
}

/** From the beginning of one day to the end of another; null unless both are dates in order. */
export function ownSpan(first: string, last: string, zone: string): Span | null {
  const date = /^\d{4}-\d{2}-\d{2}$/;
  if (!date.test(first) || !date.test(last) || last < first) return null;
  return { from: midnight(first, zone), to: midnight(shifted(last, 1), zone) };
}

/** "2027-03-01" shifted by -1 is "2027-02-28". */
export function shifted(day: string, days: number): string {
  const at = new Date(`${day}T00:00:00Z`);
  at.setUTCDate(at.getUTCDate() + days);
  return at.toISOString().slice(0, 10);
}

function midnight(day: string, zone: string): string {
  const at = fromLocal(`${day}T00:00`, zone);
  if (at === null) throw new RangeError(`${day} is no day`);
  return at;
}
