/** How long a pause lasts, as the dialog takes it. Times are wall clock in the shown zone. Pure. */
import type { Settings } from "../../api/campaign";
import { zoneId } from "../format";

export type Until =
  | { kind: "resumed" }
  | { kind: "minutes"; minutes: number }
  | { kind: "time"; time: string }
  | { kind: "condition"; what: "hours_open" | "trunk_reachable"; trunk: string; for_s: number };

/** As `trunk`: any of the campaign's. No trunk has this name. */
export const ANY_TRUNK = "";

/** The conditions of a pause, as the server takes them. */
export function whenOf(until: Until): Condition[] {
  if (until.kind !== "condition") return [];
  if (until.what === "hours_open") return [{ kind: "hours_open" }];
  const trunk = until.trunk === ANY_TRUNK ? null : until.trunk;
  return [{ kind: "trunk_reachable", trunk, for_s: until.for_s }];
}

type Condition =
  | { kind: "hours_open" }
  | { kind: "trunk_reachable"; trunk: string | null; for_s: number };

interface Facts {
  hours: Pick<Settings["hours"], "always">;
  trunks: Settings["trunks"];
}

/** The conditions that can come true for a campaign; null: of several, where any may. */
export function possible(settings: Facts | null): { hoursOpen: boolean; anyTrunk: boolean } {
  if (settings === null) return { hoursOpen: true, anyTrunk: true };
  return { hoursOpen: !settings.hours.always, anyTrunk: settings.trunks.length > 0 };
}

/** A first proposal of a condition; null: the campaign has none that can come true. */
export function firstCondition(settings: Facts | null): Until | null {
  const { hoursOpen, anyTrunk } = possible(settings);
  if (!hoursOpen && !anyTrunk) return null;
  const what = hoursOpen ? "hours_open" : "trunk_reachable";
  return { kind: "condition", what, trunk: ANY_TRUNK, for_s: 60 };
}

/** The moment of the resume; null: when somebody resumes; "wrong": what was typed is no time. */
export function untilOf(until: Until, now: Date): Date | null | "wrong" {
  switch (until.kind) {
    case "resumed":
      return null;
    case "minutes":
      if (!(until.minutes >= 1 && until.minutes <= 1440)) return "wrong";
      return new Date(now.getTime() + until.minutes * 60_000);
    case "time":
      return nextClock(until.time, now, zoneId()) ?? "wrong";
    case "condition":
      return until.for_s >= 0 && until.for_s <= 86_400 ? null : "wrong";
  }
}

export function inMinutes(until: Until): boolean {
  return until.kind === "minutes" || until.kind === "time";
}

/** A first proposal for the time field: the next full hour that is at least half an hour away. */
export function nextAt(now: Date): string {
  const at = new Date(now.getTime() + 90 * 60_000);
  const hour = parts(at, zoneId()).hour;
  return `${String(hour).padStart(2, "0")}:00`;
}

/** The next moment after `now` at which the clock in `zone` shows `time` ("14:30"). */
export function nextClock(time: string, now: Date, zone: string): Date | null {
  const found = /^(\d\d):(\d\d)$/.exec(time);
  if (found === null) return null;
  const wanted = Number(found[1]) * 60 + Number(found[2]);
  const here = parts(now, zone);
  let ahead = wanted - (here.hour * 60 + here.minute);
  if (ahead <= 0) ahead += 24 * 60;
  const start = now.getTime() - (now.getTime() % 60_000);
  const guess = new Date(start + ahead * 60_000);
  // A change of the clock in between moves the guess; put it right by what the clock then shows.
  const there = parts(guess, zone);
  let off = wanted - (there.hour * 60 + there.minute);
  if (off > 12 * 60) off -= 24 * 60;
  if (off < -12 * 60) off += 24 * 60;
  return new Date(guess.getTime() + off * 60_000);
}

function parts(at: Date, zone: string): { hour: number; minute: number } {
  const found = new Intl.DateTimeFormat("en-GB", {
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
    timeZone: zone,
  }).formatToParts(at);
  const of = (type: string) => Number(found.find((part) => part.type === type)?.value ?? 0);
  return { hour: of("hour"), minute: of("minute") };
}
