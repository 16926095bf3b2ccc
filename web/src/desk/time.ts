/** The callee's clock, for promising a call. Pure. */
import { fromLocal, toLocal } from "../parts/campaign-settings/localTime";

/** "New York" of "America/New_York". */
export function placeOf(zone: string): string {
  return (zone.split("/").at(-1) ?? zone).replaceAll("_", " ");
}

/** A usual time for another call, by the callee's clock. */
export interface Pick {
  readonly kind: "hour" | "tomorrow" | "week";
  /** As a `datetime-local` field of their zone has it. */
  readonly local: string;
  /** "09:00" */
  readonly clock: string;
}

const MORNING = "09:00";
const DAY_MS = 86_400_000;

/** In an hour (to the next full five minutes), tomorrow and in a week, each at the same hour or 9. */
export function picksOf(now: number, zone: string): Pick[] {
  const soon = toLocal(new Date(now + 3_600_000).toISOString(), zone);
  const minute = Number(soon.slice(14));
  const rounded = fromLocal(soon, zone);
  const later = rounded === null ? now : Date.parse(rounded) + ((60 - minute) % 5) * 60_000;
  const inAnHour = toLocal(new Date(later).toISOString(), zone);
  const onDay = (days: number): string =>
    `${toLocal(new Date(now + days * DAY_MS).toISOString(), zone).slice(0, 10)}T${MORNING}`;
  return [
    { kind: "hour", local: inAnHour, clock: inAnHour.slice(11) },
    { kind: "tomorrow", local: onDay(1), clock: MORNING },
    { kind: "week", local: onDay(7), clock: MORNING },
  ];
}

export type TimeProblem = "none" | "past" | "tooFar";

/** Why a call cannot be promised for then; null if it can. */
export function timeProblem(
  local: string,
  zone: string,
  now: number,
  daysMax: number,
): TimeProblem | null {
  const at = fromLocal(local, zone);
  if (at === null) return "none";
  const ahead = Date.parse(at) - now;
  if (ahead <= 0) return "past";
  return ahead > daysMax * DAY_MS ? "tooFar" : null;
}
