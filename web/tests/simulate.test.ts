import { expect, test } from "vitest";

import type { LearntShift, SimulatedPacing } from "../src/api/simulations";
import { agentHours, clockOf, draftOf, filledFrom, FIRST, requestOf } from "../src/pages/simulate/draft";
import {
  abandonedSoFar,
  callsAnHour,
  isOver,
  nameOf,
  talking,
  waiting,
} from "../src/pages/simulate/figures";

test("what is asked of the server is in its words and units", () => {
  const asked = requestOf({ ...FIRST, pacings: ["ratio", "predictive"], leads: 500, retryMinutes: 90 });
  expect(asked.pacings).toEqual(["predictive", "ratio:2.5"]);
  expect(asked.shift).toMatchObject({
    starts_at: "09:00",
    answer_rate: [{ at: 0, rate: 0.25 }],
    abandonment_max: 0.03,
    leads: 500,
    retry_s: 5400,
  });
  expect(asked.shift?.groups?.[0]).toMatchObject({ agents: 20, login: null, logout: null });
  expect(agentHours(FIRST)).toBe(160);
});

const LEARNT = {
  calls: 812,
  zone: "Europe/Berlin",
  shift: {
    name: "like spring",
    answer_rate: [
      { at: 0, rate: 0.31 },
      { at: 36_000, rate: 0.4255 },
    ],
    talk_s: { mean: 0, deviation: null, samples: [10, 30] },
    wrap_s: { mean: 0, deviation: null, samples: [4, 6] },
    leads: 40,
    groups: [{ agents: 7, login: null, logout: null, breaks: [], late_s: 60 }],
  },
} as unknown as LearntShift;

test("a campaign fills in what it taught, and leaves the rest", () => {
  const filled = filledFrom(FIRST, LEARNT, "spring");
  expect(filled.rates).toEqual([
    { at: "00:00", percent: 31 },
    { at: "10:00", percent: 42.6 },
  ]);
  expect(filled.talk).toEqual({ mean: 20, samples: [10, 30] });
  expect(filled.wrap).toEqual({ mean: 5, samples: [4, 6] });
  expect(filled.ring).toEqual(FIRST.ring);
  expect(filled.groups[0]).toEqual({ ...FIRST.groups[0], agents: 7 });
  expect(requestOf(filled).shift).toMatchObject({
    name: "like spring",
    leads: 40,
    talk_s: { samples: [10, 30] },
  });
});

test("a draft comes back from where it was put away, and nothing else does", () => {
  const filled = filledFrom(FIRST, LEARNT, "spring");
  expect(draftOf(JSON.stringify(filled))).toEqual(filled);
  for (const text of [null, "", "null", "{}", "[1]", '{"hours": 3}']) expect(draftOf(text)).toBeNull();
});

const SLICES = [
  { at_s: 0, signed_in_s: 0, talking_s: 0, busy_s: 0, calls: 4, answered: 0, abandoned: 0 },
  { at_s: 60, signed_in_s: 100, talking_s: 50, busy_s: 60, calls: 8, answered: 10, abandoned: 1 },
  { at_s: 120, signed_in_s: 100, talking_s: 80, busy_s: 90, calls: 0, answered: 10, abandoned: 0 },
] satisfies SimulatedPacing["slices"];

test("the lines are those of the slices", () => {
  expect(talking(SLICES).points).toEqual([[0, null], [60, 0.5], [120, 0.8]]);
  expect(abandonedSoFar(SLICES).points).toEqual([[0, null], [60, 0.1], [120, 0.05]]);
  expect(callsAnHour(SLICES, 180).points).toEqual([[0, 240], [60, 480], [120, 0]]);
});

test("a rate at the target keeps it, and none at all too", () => {
  expect([isOver(0.03, 0.03), isOver(0.0301, 0.03), isOver(null, 0)]).toEqual([false, true, false]);
});

test("pacings have names and numbers", () => {
  const lines = { kind: "lines", number: "1.35" };
  expect(nameOf("best-ratio (lines:1.35)")).toEqual({ title: "best-ratio", ratio: lines });
  expect(nameOf("ratio:2.5").ratio).toEqual({ kind: "ratio", number: "2.5" });
  expect(nameOf("predictive")).toEqual({ title: "predictive", ratio: null });
  const results = [{}] as SimulatedPacing[];
  expect(waiting({ pacings: ["predictive", "ratio:2"], results })).toEqual(["ratio:2"]);
  expect(clockOf(8.5 * 3600 + 59.9)).toBe("08:31");
});
