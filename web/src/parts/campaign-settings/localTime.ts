/** Moments as a `datetime-local` field has them: wall clock in the shown zone. Pure. */
import { zoneId } from "../format";

const LOCAL = /^\d{4}-\d\d-\d\dT\d\d:\d\d$/;

/** "2027-03-01T09:00" for a moment; "" for none. */
export function toLocal(at: string | null, zone: string = zoneId()): string {
  if (at === null) return "";
  const parts = new Intl.DateTimeFormat("en-CA", {
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
    timeZone: zone,
  }).formatToParts(new Date(at));
  const of = (type: string) => parts.find((part) => part.type === type)?.value ?? "";
  return `${of("year")}-${of("month")}-${of("day")}T${of("hour")}:${of("minute")}`;
}

/** The moment of a wall clock; null for what is no time. Of an hour that comes twice, the first. */
export function fromLocal(local: string, zone: string = zoneId()): string | null {
  // Date.parse makes a date of ":00Z" too.
  const asUtc = LOCAL.test(local) ? Date.parse(`${local}:00Z`) : NaN;
  if (Number.isNaN(asUtc)) return null;
  // Twice: the first guess may lie on the other side of a change of the clock.
  let guess = asUtc;
  for (let i = 0; i < 2; i += 1) {
    const shown = Date.parse(`${toLocal(new Date(guess).toISOString(), zone)}:00Z`);
    guess += asUtc - shown;
  }
  return new Date(guess).toISOString();
}
