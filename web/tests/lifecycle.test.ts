import { createElement } from "react";
import { renderToStaticMarkup } from "react-dom/server";
import { describe, expect, test } from "vitest";

import { flightOf } from "../src/parts/lifecycle/flight";
import { asksBeforePause } from "../src/parts/lifecycle/policy";
import { asksMyself, toApprove } from "../src/parts/lifecycle/release";
import { ANY_TRUNK, firstCondition, nextClock, untilOf, whenOf } from "../src/parts/lifecycle/until";
import { RampUp } from "../src/parts/RampUp";
import { allowed } from "../src/parts/rampUp";
import { changes, onTop } from "../src/parts/campaign-settings/merge";
import { fromLocal, toLocal } from "../src/parts/campaign-settings/localTime";
import { pauses } from "../src/pages/campaign/figures";
import { type Sort, shown } from "../src/pages/campaigns/order";
import type { Campaign } from "../src/live/state";

describe("whether a pause asks first", () => {
  const policy = (confirm_pause: "always" | "in_flight" | "never", allow = true) => ({
    confirm_pause,
    allow_dont_ask_again: allow,
  });
  test("is the system's choice", () => {
    expect(asksBeforePause(policy("always"), false, 0)).toBe(true);
    expect(asksBeforePause(policy("never"), false, 9)).toBe(false);
    expect(asksBeforePause(policy("in_flight"), false, 0)).toBe(false);
    expect(asksBeforePause(policy("in_flight"), false, 1)).toBe(true);
  });
  test("and the user's only where the system allows it", () => {
    expect(asksBeforePause(policy("always"), true, 9)).toBe(false);
    expect(asksBeforePause(policy("always", false), true, 9)).toBe(true);
  });
});

describe("how long a pause lasts", () => {
  const now = new Date("2026-11-23T14:02:30Z");
  test("minutes count from now", () => {
    expect(untilOf({ kind: "minutes", minutes: 45 }, now)).toEqual(
      new Date("2026-11-23T14:47:30Z"),
    );
    expect(untilOf({ kind: "minutes", minutes: 0 }, now)).toBe("wrong");
    expect(untilOf({ kind: "resumed" }, now)).toBeNull();
  });
  test("a time is the next one that the clock shows", () => {
    const at = (time: string, from: string) => nextClock(time, new Date(from), "Europe/Berlin");
    expect(at("15:30", "2026-11-23T14:02:30Z")).toEqual(new Date("2026-11-23T14:30:00Z"));
    expect(at("15:00", "2026-11-23T14:02:30Z")).toEqual(new Date("2026-11-24T14:00:00Z"));
    expect(at("25 past", "2026-11-23T14:02:30Z")).toBeNull();
  });
  test("also over a change of the clock", () => {
    // Berlin puts its clocks back on 25 October 2026 at 03:00.
    const at = nextClock("08:00", new Date("2026-10-24T20:00:00Z"), "Europe/Berlin");
    expect(at).toEqual(new Date("2026-10-25T07:00:00Z"));
  });
});

test("a local time comes back as the moment that it was made from", () => {
  for (const zone of ["Europe/Berlin", "America/Los_Angeles", "Asia/Kolkata", "UTC"]) {
    for (const at of ["2026-03-29T06:00:00.000Z", "2026-10-25T07:00:00.000Z"]) {
      expect(fromLocal(toLocal(at, zone), zone)).toBe(at);
    }
  }
  expect(fromLocal("")).toBeNull();
});

describe("settings that two changed", () => {
  const base = { priority: 5, pacing: { concurrency: 10, cps: null as number | null }, trunks: ["a"] };
  const mine = { ...base, pacing: { ...base.pacing, concurrency: 20 } };
  const theirs = { ...base, priority: 7, pacing: { ...base.pacing, cps: 4 }, trunks: ["a", "b"] };
  test("differ by their leaves", () => {
    expect(changes(base, theirs).map(({ path }) => path)).toEqual([
      "priority",
      "pacing.cps",
      "trunks",
    ]);
    expect(changes(base, { ...base })).toEqual([]);
  });
  test("keep both where they do not touch, and mine where they do", () => {
    expect(onTop(base, mine, theirs)).toEqual({
      priority: 7,
      pacing: { concurrency: 20, cps: 4 },
      trunks: ["a", "b"],
    });
    expect(onTop(base, { ...base, priority: 6 }, theirs).priority).toBe(6);
  });
});

test("pauses are what lies between pausing and the next state, cut to the time shown", () => {
  const transitions = [
    { to_state: "paused", at: "2026-01-01T12:00:01Z" },
    { to_state: "pausing", at: "2026-01-01T12:00:00Z" },
    { to_state: "running", at: "2026-01-01T11:00:00Z" },
    { to_state: "paused", at: "2026-01-01T10:00:01Z" },
    { to_state: "pausing", at: "2026-01-01T10:00:00Z" },
    { to_state: "running", at: "2026-01-01T09:00:00Z" },
  ];
  const [start, end] = [Date.parse("2026-01-01T10:30:00Z"), Date.parse("2026-01-01T13:00:00Z")];
  expect(pauses(transitions, start, end)).toEqual([
    { from: start, to: Date.parse("2026-01-01T11:00:00Z") },
    { from: Date.parse("2026-01-01T12:00:00Z"), to: end },
  ]);
});

describe("the list", () => {
  const campaign = (id: number, name: string, status: Campaign["status"], received: number) =>
    ({ id, name, status, received, lists: [`people ${id}`], in_flight: { ringing: 1, talking: 2 } }) as Campaign;
  const all = [
    campaign(1, "winter", "completed", 5),
    campaign(2, "spring 10", "paused", 50),
    campaign(3, "spring 9", "running", 9),
  ];
  const sort: Sort = { key: "status", descending: false };
  const ids = (found: Campaign[]) => found.map(({ id }) => id);
  test("puts first what needs eyes, and sorts numbers in names as numbers", () => {
    expect(ids(shown(all, "all", "", sort))).toEqual([3, 2, 1]);
    expect(ids(shown(all, "all", "", { key: "name", descending: false }))).toEqual([3, 2, 1]);
    expect(ids(shown(all, "all", "", { key: "received", descending: true }))).toEqual([2, 3, 1]);
  });
  test("is found by name and by list, and filtered by state", () => {
    expect(ids(shown(all, "all", "SPRING", sort))).toEqual([3, 2]);
    expect(ids(shown(all, "all", "people 1", sort))).toEqual([1]);
    expect(ids(shown(all, "ended", "", sort))).toEqual([1]);
  });
  test("a pause of everything means what runs now, not what ran when it was asked for", () => {
    const now = new Map(all.map((each) => [each.id, each]));
    expect(flightOf("all", now)).toEqual({ ringing: 1, talking: 2, campaigns: 1 });
    expect(flightOf(all.slice(0, 2), now).campaigns).toBe(2);
  });
});

describe("a pause that ends on a condition", () => {
  const condition = (what: "hours_open" | "trunk_reachable", trunk = ANY_TRUNK, for_s = 60) =>
    ({ kind: "condition", what, trunk, for_s }) as const;
  test("is sent as the server takes it", () => {
    expect(whenOf(condition("hours_open"))).toEqual([{ kind: "hours_open" }]);
    expect(whenOf(condition("trunk_reachable"))).toEqual([
      { kind: "trunk_reachable", trunk: null, for_s: 60 },
    ]);
    expect(whenOf(condition("trunk_reachable", "main", 5))).toEqual([
      { kind: "trunk_reachable", trunk: "main", for_s: 5 },
    ]);
    expect(whenOf({ kind: "minutes", minutes: 5 })).toEqual([]);
  });
  test("has no time of its own, and its seconds are a day at most", () => {
    const now = new Date();
    expect(untilOf(condition("trunk_reachable"), now)).toBeNull();
    expect(untilOf(condition("trunk_reachable", "main", 86_401), now)).toBe("wrong");
  });
  test("is proposed only where it can come true", () => {
    const proposed = (always: boolean, trunks: string[]) =>
      firstCondition({ hours: { always }, trunks });
    expect(proposed(false, [])).toEqual(condition("hours_open"));
    expect(proposed(true, ["main"])).toEqual(condition("trunk_reachable"));
    expect(proposed(true, [])).toBeNull();
    expect(firstCondition(null)).toEqual(condition("hours_open"));
  });
});

describe("who may approve a release", () => {
  const request = (asked_by: string) => ({
    asked_by, asked_at: "", reason: null, expires_at: "",
  });
  const campaign = (id: number, asked_by: string | null) =>
    ({ id, release_request: asked_by === null ? null : request(asked_by) }) as Campaign;
  test("anybody but whoever asked", () => {
    expect(asksMyself(request("Dana"), "dana")).toBe(true);
    expect(asksMyself(request("Dana"), "Lee")).toBe(false);
  });
  test("of several, those that others asked for", () => {
    const all = [campaign(1, "Dana"), campaign(2, "Lee"), campaign(3, null), campaign(4, "Dana")];
    const found = toApprove(all, "lee");
    expect(found.campaigns.map(({ id }) => id)).toEqual([1, 4]);
    expect(found.askedBy).toEqual(["Dana"]);
  });
});

test("a ramp-up grows evenly from one call to all", () => {
  const ramp = { since: "2026-11-23T14:00:00Z", until: "2026-11-23T14:00:30Z", of: 40 };
  expect([30, 21, 15, 0].map((left) => allowed(ramp, left))).toEqual([1, 12, 20, 40]);
});

test("where a ramp-up has come to its end, what stands there otherwise is shown", () => {
  const shownWith = (until: string) =>
    renderToStaticMarkup(
      createElement(RampUp, { ramp: { since: "2026-11-23T14:00:00Z", until, allowed: 1, of: 40 }, otherwise: "since" }),
    );
  expect(shownWith("2026-11-23T14:00:30Z")).toBe("since");
  expect(shownWith("2999-11-23T14:00:30Z")).toContain("of 40");
});
