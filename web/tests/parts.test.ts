import { expect, test } from "vitest";

import { covered, keyOf } from "../src/parts/lifecycle/parts";
import words from "../src/words/en/holds";

const list = { leads: 1200, ringing: 2, talking: 1 };
const trunk = { leads: null, ringing: 3, talking: 0 };

test("parts together cover at most their sum; a trunk has no leads of its own", () => {
  expect(covered([list, trunk])).toEqual({ leads: 1200, ringing: 5, talking: 1 });
  expect(covered([trunk])).toEqual(trunk);
});

test("what they cover is said in words, and as a bound where they may overlap", () => {
  expect(words.covers(covered([trunk]), 1)).toBe(
    "Covers 3 ringing calls, 0 conversations. Everybody else is called as before.",
  );
  expect(words.covers(covered([list, trunk]), 2)).toContain("at most 1,200 leads, 5 ringing");
});

test("a part is known by its scope and its value", () => {
  expect(keyOf({ scope: "region", value: "US-TX" })).toBe("region:US-TX");
});
