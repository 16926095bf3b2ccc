/** The usual activity hours, to begin with. Pure. */
import type { Settings } from "../../api/campaign";

type Hours = Settings["hours"];
type Window = [string, string];

const WEEKDAYS = ["mon", "tue", "wed", "thu", "fri"] as const;
const DAYS = [...WEEKDAYS, "sat", "sun"] as const;

function weekly(days: readonly (typeof DAYS)[number][], ...windows: Window[]) {
  return Object.fromEntries(days.map((day) => [day, windows]));
}

function hours(week: Record<string, Window[]>): Hours {
  return { weekly: week as Hours["weekly"], zone: "callee", holidays: [], closed_dates: [], always: false }; // prettier-ignore
}

export const PRESETS = {
  law: hours(weekly(DAYS, ["08:00", "21:00"])),
  office: hours(weekly(WEEKDAYS, ["09:00", "17:00"])),
  evening: hours({ ...weekly(WEEKDAYS, ["17:00", "20:00"]), ...weekly(["sat"], ["10:00", "17:00"]) }),
  always: { ...hours(weekly(DAYS, ["08:00", "21:00"])), always: true },
} as const;

export type Preset = keyof typeof PRESETS;

/** Which preset these hours are, holidays and closed dates aside; null if none. */
export function presetOf(now: Hours): Preset | null {
  for (const [name, preset] of Object.entries(PRESETS)) {
    if (now.always && preset.always) return name as Preset;
    if (now.always !== preset.always || now.zone !== preset.zone) continue;
    const same = DAYS.every((day) => textOf(now, day) === textOf(preset, day));
    if (same) return name as Preset;
  }
  return null;
}

/** The hours with those of the preset; holidays and closed dates stay where they can. */
export function withPreset(now: Hours, name: Preset): Hours {
  const preset = PRESETS[name];
  if (preset.always) return preset;
  return { ...preset, holidays: now.holidays, closed_dates: now.closed_dates };
}

function textOf(of: Hours, day: string): string {
  return JSON.stringify((of.weekly as Record<string, Window[]>)[day] ?? []);
}
