import { describe, expect, test } from "vitest";

import type { Agent, CampaignAgent } from "../src/api/agents";
import { isWhole } from "../src/pages/agents/PhoneFields";
import { assignedOf, changesOf, rowsOf } from "../src/pages/campaign/assignments";
import { titleOf } from "../src/pages/new-campaign/draft";
import { needsAgents, type Pacing, pacingOf } from "../src/parts/campaign-settings/agentPacing";

const fixed: Pacing = { kind: "fixed", concurrency: 12, cps: 3 };

describe("pacing of another kind", () => {
  test("keeps the calls per second, and lets the agents be the limit", () => {
    const predictive = pacingOf("predictive", fixed);
    expect(predictive).toEqual({
      kind: "predictive",
      cps: 3,
      concurrency: 1000,
      connect_within_s: 2,
      connect_counts_from: "answer",
      abandonment_max: 0.03,
    });
    const changed = { ...predictive, connect_within_s: 1.5 } as Pacing;
    expect(pacingOf("progressive", changed)).toMatchObject({ connect_within_s: 1.5, concurrency: 1000 });
    expect(pacingOf("fixed", changed)).toEqual({ kind: "fixed", cps: 3, concurrency: 10 });
    expect(pacingOf("fixed", fixed)).toBe(fixed);
  });

  test("says whether agents are needed, and what the wizard's step is called", () => {
    const preview = pacingOf("preview", fixed);
    expect(needsAgents({ channel: "voice", pacing: preview })).toBe(true);
    expect(needsAgents({ channel: "sms", pacing: preview })).toBe(false);
    expect(needsAgents({ channel: "voice", pacing: fixed })).toBe(false);
    const settings = { channel: "voice", pacing: preview } as never;
    expect(titleOf("message", { settings })).toBe("conversation");
    expect(titleOf("numbers", { settings })).toBe("numbers");
  });
});

test("a phone is saved once it has an address and a trunk, and may have no number to show", () => {
  const phone = { address: "sip:ann@10.0.0.5", trunk: "pbx", calling_number: null };
  expect(isWhole(null)).toBe(true);
  expect(isWhole(phone)).toBe(true);
  expect(isWhole({ ...phone, address: " " })).toBe(false);
  expect(isWhole({ ...phone, trunk: "" })).toBe(false);
});

describe("a campaign's agents", () => {
  const current = [
    { agent: "ines", id: 1, priority: 7, weight: 1, lacks: ["French"], desk: null },
    { agent: "tom", id: 2, priority: 5, weight: 2, lacks: [], desk: null },
  ] as unknown as CampaignAgent[];

  test("differ by who comes, who goes, and by priority or weight", () => {
    const saved = assignedOf(current);
    const [ines, tom] = saved;
    expect(changesOf(saved, saved)).toBe(0);
    expect(changesOf(saved, [tom!])).toBe(1);
    expect(changesOf(saved, [{ ...ines!, priority: 9 }, tom!, { agent: "zoe" }])).toBe(2);
  });

  test("who was just chosen stands among them with what is known of them", () => {
    const zoe = { name: "zoe", retired: false, disabled: true, desk: null } as unknown as Agent;
    const rows = rowsOf([...assignedOf(current), { agent: "Mara" }, { agent: "zoe" }], current, [zoe]);
    expect(rows.map(({ agent }) => agent)).toEqual(["ines", "Mara", "tom", "zoe"]);
    expect(rows[0]).toMatchObject({ priority: 7, lacks: ["French"] });
    expect(rows[3]).toMatchObject({ priority: 5, weight: 1, disabled: true });
  });
});
