/** Numbers, durations and times as the reader's locale and the chosen time zone have them. */

const locale: string | undefined = undefined; // the browser's

let zone: string | undefined; // IANA; undefined: the browser's
let clocks = new Map<string, Intl.DateTimeFormat>();

/** Whose clock all times are shown by: the user's choice, else the system's, else the browser's. */
export function setZone(name: string | null | undefined): void {
  const next = name ?? undefined;
  if (next === zone) return;
  zone = next;
  clocks = new Map();
}

const integers = new Intl.NumberFormat(locale, { maximumFractionDigits: 0 });
const compact = new Intl.NumberFormat(locale, { notation: "compact", maximumFractionDigits: 1 });

/** 2,993 */
export function count(value: number): string {
  return integers.format(value);
}

/** 12.3K, where there is no room for more. */
export function short(value: number): string {
  return value < 10_000 ? integers.format(value) : compact.format(value);
}

/** 34.0 %; "—" where there is nothing to divide. */
export function percent(share: number | null | undefined, digits = 1): string {
  if (share === null || share === undefined) return "—";
  return new Intl.NumberFormat(locale, {
    style: "percent",
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  }).format(share);
}

/** 2.50 with so many digits; with fewer than `digits` only if `least` says so. */
export function decimal(value: number, digits: number, least = digits): string {
  return new Intl.NumberFormat(locale, {
    minimumFractionDigits: least,
    maximumFractionDigits: digits,
  }).format(value);
}

/** 23 s, 1 min 20 s, 2 h 05 min, 3 d 4 h */
export function duration(seconds: number | null | undefined): string {
  if (seconds === null || seconds === undefined) return "—";
  const s = Math.max(0, Math.round(seconds));
  if (s < 60) return `${s} s`;
  if (s < 3600) return s % 60 ? `${Math.floor(s / 60)} min ${s % 60} s` : `${s / 60} min`;
  if (s < 86_400) {
    const minutes = Math.floor((s % 3600) / 60);
    return `${Math.floor(s / 3600)} h ${String(minutes).padStart(2, "0")} min`;
  }
  return `${count(Math.floor(s / 86_400))} d ${Math.floor((s % 86_400) / 3600)} h`;
}

/** 12:05 or 1:02:05, for what counts down. */
export function countdown(seconds: number): string {
  const s = Math.max(0, Math.ceil(seconds));
  const two = (value: number) => String(value).padStart(2, "0");
  const hours = Math.floor(s / 3600);
  const rest = `${two(Math.floor((s % 3600) / 60))}:${two(s % 60)}`;
  return hours > 0 ? `${hours}:${rest}` : rest;
}

/** 9 ms, 0.34 s, 3.1 s: how long machines took. */
export function latency(milliseconds: number): string {
  if (milliseconds < 1000) return `${Math.round(milliseconds)} ms`;
  return `${integersOrTenths(milliseconds / 1000)} s`;
}

type When = string | number | Date;

/** 14:02:07 CET */
export function clock(at: When, seconds = true): string {
  return formatted(at, {
    hour: "2-digit",
    minute: "2-digit",
    ...(seconds ? { second: "2-digit" } : {}),
    timeZoneName: "short",
  });
}

/** 21:00, or Tue 08:00 if that is another day there, by the clock of a zone that is named beside. */
export function clockInPlace(at: When, zoneOf: string): string {
  const parts: Intl.DateTimeFormatOptions = { timeZone: zoneOf, hourCycle: "h23" };
  const dayOf = (when: When) =>
    new Intl.DateTimeFormat("en-CA", { timeZone: zoneOf }).format(new Date(when));
  const another = dayOf(at) !== dayOf(new Date());
  return new Intl.DateTimeFormat(locale, {
    ...parts,
    ...(another ? { weekday: "short" } : {}),
    hour: "2-digit",
    minute: "2-digit",
  }).format(new Date(at));
}

/** 14:02, for axes and columns that name the zone once. */
export function clockWithoutZone(at: When, seconds = false): string {
  return formatted(at, {
    hour: "2-digit",
    minute: "2-digit",
    ...(seconds ? { second: "2-digit" } : {}),
  });
}

/** 3 Mar, 14:02 CET; with the year where it is another one. */
export function moment(at: When, seconds = false): string {
  return formatted(at, {
    ...dateParts(at),
    hour: "2-digit",
    minute: "2-digit",
    ...(seconds ? { second: "2-digit" } : {}),
    timeZoneName: "short",
  });
}

/** As `clock` today, as `moment` on other days. */
export function when(at: When, seconds = false): string {
  const today = dayKey(new Date()) === dayKey(at);
  return today ? clock(at, seconds) : moment(at, seconds);
}

/** As `when`, for columns that name the zone in their head. */
export function whenWithoutZone(at: When, seconds = false): string {
  if (dayKey(new Date()) === dayKey(at)) return clockWithoutZone(at, seconds);
  return formatted(at, {
    ...dateParts(at),
    hour: "2-digit",
    minute: "2-digit",
    ...(seconds ? { second: "2-digit" } : {}),
  });
}

/** Tue 08:00 EDT, by the clock of that zone. */
export function clockIn(at: When, zoneOfClock: string): string {
  return new Intl.DateTimeFormat(locale, {
    hourCycle: "h23",
    weekday: "short",
    hour: "2-digit",
    minute: "2-digit",
    timeZoneName: "short",
    timeZone: zoneOfClock,
  }).format(new Date(at));
}

/** 3 Mar 2027 */
export function day(at: When): string {
  return formatted(at, { day: "numeric", month: "short", year: "numeric" });
}

/** "CET": the zone that all times are shown in, short. */
export function zoneName(at: When = new Date()): string {
  const parts = cached({ timeZoneName: "short" }).formatToParts(new Date(at));
  return parts.find((part) => part.type === "timeZoneName")?.value ?? "";
}

/** "Europe/Berlin": the zone that all times are shown in. */
export function zoneId(): string {
  return zone ?? Intl.DateTimeFormat().resolvedOptions().timeZone;
}

/** Seconds from `from` to `to`. */
export function secondsBetween(from: When, to: When): number {
  return (new Date(to).getTime() - new Date(from).getTime()) / 1000;
}

export function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}

/** "1 lead", "2 leads", with the number in the reader's locale. */
export function plural(n: number, one: string, other: string): string {
  return `${count(n)} ${n === 1 ? one : other}`;
}

function dateParts(at: When): Intl.DateTimeFormatOptions {
  const sameYear = new Date(at).getFullYear() === new Date().getFullYear();
  return { day: "numeric", month: "short", ...(sameYear ? {} : { year: "numeric" }) };
}

function dayKey(at: When): string {
  return formatted(at, { year: "numeric", month: "2-digit", day: "2-digit" });
}

function integersOrTenths(value: number): string {
  return new Intl.NumberFormat(locale, { maximumFractionDigits: value < 10 ? 2 : 1 }).format(value);
}

function formatted(at: When, options: Intl.DateTimeFormatOptions): string {
  return cached(options).format(new Date(at));
}

function cached(options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = JSON.stringify(options);
  let known = clocks.get(key);
  if (known === undefined) {
    known = new Intl.DateTimeFormat(locale, {
      hourCycle: "h23",
      ...options,
      ...(zone ? { timeZone: zone } : {}),
    });
    clocks.set(key, known);
  }
  return known;
}
