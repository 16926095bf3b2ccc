import { describe, expect, it } from "vitest";

import { nameProblem, stepOf } from "../src/pages/new-campaign/draft";
import { PRESETS, presetOf, withPreset } from "../src/pages/new-campaign/hours";

describe("The name of a new campaign", () => {
  it("must be there, must not be a number, must be free", () => {
    expect(nameProblem("  ", [])).toBe("empty");
    expect(nameProblem("123", [])).toBe("digits");
    expect(nameProblem("spring ", ["Spring"])).toBe("taken");
    expect(nameProblem("Spring 2", ["Spring"])).toBeNull();
  });
});

it("leads from what the server misses to the step where it is set", () => {
  expect(["lists[0]", "settings.trunks", "calling_numbers", "message.recording", "settings.hours.weekly", "starts_at", "pacing.cps", "settings.follow_ups[0].text.providers"].map(stepOf)).toEqual( // prettier-ignore
    ["lists", "numbers", "numbers", "message", "hours", "hours", "pace", "message"],
  );
});

describe("The usual hours", () => {
  it("are known again, also with holidays, and no others are", () => {
    for (const [name, hours] of Object.entries(PRESETS)) expect(presetOf(hours)).toBe(name);
    expect(presetOf({ ...PRESETS.office, holidays: ["US"] })).toBe("office");
    expect(presetOf({ ...PRESETS.office, zone: "UTC" })).toBeNull();
    expect(presetOf({ ...PRESETS.office, weekly: {} as never })).toBeNull();
  });
  it("keep holidays and closed dates, but for always, which has none", () => {
    const mine = { ...PRESETS.law, holidays: ["US"], closed_dates: ["2027-12-24"] };
    expect(withPreset(mine, "office").holidays).toEqual(["US"]);
    expect(withPreset(mine, "always").holidays).toEqual([]);
  });
});
