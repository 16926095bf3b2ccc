import { describe, expect, test } from "vitest";

import { after, type Campaign, type LiveEvent, NOTHING_KNOWN } from "../src/live/state";

function campaign(id: number, change: Partial<Campaign> = {}): Campaign {
  return {
    id,
    name: `campaign ${id}`,
    status: "running",
    epoch: 2,
    received: 0,
    why: null,
    ...change,
  } as Campaign;
}
const named = (id: number, change: Partial<Campaign> = {}): LiveEvent => ({
  kind: "campaign",
  campaign: campaign(id, change),
});
const beginning: LiveEvent[] = [{ kind: "opened" }, named(1), named(2), { kind: "ready" }];
const live = after(NOTHING_KNOWN, beginning);

describe("the live state", () => {
  test("is live and complete once the beginning is", () => {
    expect(live.connection).toBe("live");
    expect(live.complete).toBe(true);
    expect([...live.campaigns.keys()]).toEqual([1, 2]);
    expect(after(NOTHING_KNOWN, beginning.slice(0, 3)).complete).toBe(false);
  });

  test("puts figures on the campaign and leaves the rest", () => {
    const next = after(live, [{ kind: "figures", figures: { id: 1, epoch: 2, received: 7 } }]);
    expect(next.campaigns.get(1)).toMatchObject({ name: "campaign 1", received: 7 });
    expect(next.campaigns.get(2)).toBe(live.campaigns.get(2));
    expect(live.campaigns.get(1)?.received).toBe(0);
  });

  test("drops what carries an older epoch, so that no pause is taken back", () => {
    const paused = after(live, [
      { kind: "answered", campaign: campaign(1, { status: "paused", epoch: 4 }) },
    ]);
    const late = after(paused, [
      named(1, { status: "running", epoch: 2 }),
      { kind: "figures", figures: { id: 1, epoch: 3, status: "pausing" } },
    ]);
    expect(late.campaigns.get(1)?.status).toBe("paused");
  });

  test("keeps what it knows while the connection is lost, and since when", () => {
    const lost = after(live, [
      { kind: "lost", at: 1000 },
      { kind: "lost", at: 5000 },
    ]);
    expect(lost.connection).toBe("lost");
    expect(lost.lostAt).toBe(1000);
    expect(lost.campaigns.size).toBe(2);
    expect(after(lost, beginning).lostAt).toBeNull();
  });

  test("forgets after a reconnection what was not named any more", () => {
    const back = after(live, [
      { kind: "lost", at: 1 },
      { kind: "opened" },
      named(2),
      named(3),
      { kind: "ready" },
    ]);
    expect([...back.campaigns.keys()].sort()).toEqual([2, 3]);
  });

  test("forgets nothing when the beginning breaks off", () => {
    const broken = after(live, [{ kind: "opened" }, named(2), { kind: "lost", at: 1 }]);
    expect(broken.campaigns.size).toBe(2);
  });

  test("keeps the sentence, which the stream leaves out, within an epoch", () => {
    const told = after(live, [{ kind: "answered", campaign: campaign(1, { why: "No lead." }) }]);
    expect(after(told, [named(1)]).campaigns.get(1)?.why).toBe("No lead.");
    expect(after(told, [named(1, { epoch: 3 })]).campaigns.get(1)?.why).toBeNull();
  });

  test("names no figures of a campaign that it does not know", () => {
    const next = after(live, [{ kind: "figures", figures: { id: 9, epoch: 1 } }]);
    expect(next.campaigns.has(9)).toBe(false);
  });
});
