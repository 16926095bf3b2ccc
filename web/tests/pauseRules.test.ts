import { describe, expect, test } from "vitest";

import lifecycle from "../src/words/en/lifecycle";
import words, { evidenceFacts } from "../src/words/en/pauseRules";

const evidence = {
  rule: "carrier_failures",
  sentence: "62 of 100 calls in the last 5 minutes failed, allowed 30%",
  hits: 62,
  calls: 100,
  share: 0.62,
  bound: 0.465849,
  allowed: 0.3,
  calls_min: 50,
};

describe("a pause by rule", () => {
  test("is told with what the rule saw, and without a click", () => {
    const receipt = {
      kind: "pause",
      actor: "rule: carrier failures",
      requested_at: "2026-11-25T14:02:07.000Z",
      confirmed_at: "2026-11-25T14:02:07.021Z",
      last_launch_at: "2026-11-25T14:02:07.009Z",
      cancelled: 0,
      conversations_left: 0,
      evidence,
    };
    const line = lifecycle.receipt.line(receipt, { ringing: 0, talking: 0 });
    expect(line).toContain("by rule: carrier failures — 62 of 100 calls in the last 5 minutes failed");
    expect(line).toContain("last call left 9 ms after that");
    expect(line).not.toContain("click");
  });
  test("keeps its figures; somebody's pause has none", () => {
    expect(evidenceFacts(null)).toEqual([]);
    expect(evidenceFacts(evidence)).toEqual([
      ["Seen", "62 of 100 calls, 62.0%", "with 99.9% confidence at least 46.6%"],
      ["Allowed", "30.0%"],
    ]);
    expect(evidenceFacts({ spent: "37", limit: "37", unit: "attempts", in_flight: 1 })).toEqual([
      ["Budget", "37 attempts of 37 attempts"],
      ["Cost not final yet", "1 call"],
    ]);
    expect(evidenceFacts({ rule: "providers_down", seconds: 75 })).toEqual([
      ["Without a provider", "75 s"],
    ]);
  });
  test("of messages is not told in calls", () => {
    expect(evidenceFacts({ ...evidence, noun: "messages" })[0]?.[1]).toBe(
      "62 of 100 messages, 62.0%",
    );
  });
});

describe("how a rule stands", () => {
  test("says what is left, what is missing, or that it pauses", () => {
    const budget = { sentence: "1.26 USD of 99.50 USD spent", unit: "USD" };
    expect(words.rules.now({ holds: false, left: "98.24", evidence: budget })).toBe(
      "Now: 1.26 USD of 99.50 USD spent; 98.24 USD left.",
    );
    const few = { sentence: "7 of 7 calls failed", calls: 7, calls_min: 50 };
    expect(words.rules.now({ holds: false, left: null, evidence: few })).toBe(
      "Now: 7 of 7 calls failed; says nothing before 50 calls.",
    );
    expect(words.rules.now({ holds: true, left: null, evidence })).toContain("pauses with the next");
  });
});
