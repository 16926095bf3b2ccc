import { describe, expect, test } from "vitest";

import type { Desk, DeskCall } from "../src/api/desk";
import { changeText } from "../src/desk/Announcer";
import { asked, keptDraft, missingOf, newDraft } from "../src/desk/conversation/draft";
import { nameOfKey } from "../src/desk/keys";
import { troubleOf } from "../src/desk/softphone/microphone";
import { after as lineAfter, type Line, type LineEvent, OFF, pauseMs } from "../src/desk/softphone/reconnect";
import { loudness } from "../src/desk/softphone/sound";
import { after, aheadOf, nameOf, NOTHING_KNOWN, shiftStep } from "../src/desk/state";
import { picksOf, placeOf, timeProblem } from "../src/desk/time";

const NOW = Date.parse("2026-11-26T15:02:00Z"); // 09:02 in Chicago
const CHICAGO = "America/Chicago";

const call = {
  attempt: "a-1",
  lead: 11,
  campaign: { id: 1, name: "Spring" },
  phone: "+13125550142",
  attributes: { first_name: "Ann", last_name: "Miller" },
  local_time_zone: CHICAGO,
  on_hold: false,
  dispositions: [
    { name: "Done", meaning: "done", notes: "optional" },
    { name: "Complaint", meaning: "done", notes: "required" },
    { name: "Call back", meaning: "callback", notes: "optional" },
  ],
  callbacks: { for_me: true, days_max: 30 },
} as unknown as DeskCall;

function desk(change: Partial<Desk> = {}): Desk {
  return {
    on_shift: true,
    presence: "available",
    device: true,
    wish: null,
    wrap_up: null,
    notice: null,
    call: null,
    ...change,
  } as Desk;
}

describe("what the page knows of its desk", () => {
  test("an answer counts only if the stream has said nothing since the request left", () => {
    const first = after(NOTHING_KNOWN, { kind: "desk", desk: desk() });
    const onCall = after(first, { kind: "desk", desk: desk({ presence: "on_call", call }) });
    const old = { kind: "answered", desk: desk(), shown: first.shown } as const;
    expect(after(onCall, old).desk?.presence).toBe("on_call");
    expect(after(first, old).desk).toBe(old.desk);
  });

  test("it remembers the first moment of a loss, and that it is over", () => {
    const live = after(NOTHING_KNOWN, { kind: "desk", desk: desk() });
    const lost = after(live, { kind: "lost", at: 1000, problem: null });
    expect(after(lost, { kind: "lost", at: 2000, problem: null }).lostAt).toBe(1000);
    expect(after(lost, { kind: "desk", desk: desk() })).toMatchObject({ connection: "live", lostAt: null });
  });

  test("it keeps the last conversation, so that it can be called again", () => {
    const talks = after(NOTHING_KNOWN, { kind: "desk", desk: desk({ presence: "wrap_up", call }) });
    expect(after(talks, { kind: "desk", desk: desk() }).last).toBe(call);
    const looked = { ...call, attempt: null };
    const looks = after(NOTHING_KNOWN, { kind: "desk", desk: desk({ presence: "preview", call: looked }) });
    expect(after(looks, { kind: "desk", desk: desk() }).last).toBeNull();
  });

  test("the server's clock counts where this machine's is off by seconds", () => {
    expect(aheadOf("Thu, 26 Nov 2026 15:02:01 GMT", NOW)).toBe(0);
    expect(aheadOf("Thu, 26 Nov 2026 15:03:00 GMT", NOW)).toBe(60_000);
    expect(aheadOf(null, NOW)).toBe(0);
  });
});

describe("the shift", () => {
  test("goes on after a reload, is opened again when its machine went away, and ends when they go", () => {
    expect(shiftStep(desk({ device: false }), null)).toBe("go on");
    expect(shiftStep(desk(), "wanted")).toBe("nothing");
    expect(shiftStep(desk({ on_shift: false }), "wanted")).toBe("open again");
    expect(shiftStep(desk({ on_shift: false }), "leaving")).toBe("over");
    expect(shiftStep(desk({ on_shift: false }), null)).toBe("nothing");
  });

  test("is not taken from another page unasked", () => {
    expect(shiftStep(desk({ device: true }), null)).toBe("ask");
  });

  test("that ends after the call is not opened again", () => {
    expect(shiftStep(desk({ wish: "offline" }), "wanted")).toBe("leave");
  });
});

describe("the line", () => {
  const run = (events: LineEvent[], from: Line = OFF): Line => events.reduce(lineAfter, from);
  const up = (at: number): LineEvent[] => [{ kind: "start" }, { kind: "connected", at }];

  test("is offered at once when it is lost after a good while", () => {
    expect(run([...up(0), { kind: "lost", at: 60_000 }])).toEqual({ kind: "offering", failures: 0 });
  });

  test("waits longer with each offer that leads to nothing", () => {
    const once = run([{ kind: "start" }, { kind: "lost", at: 1 }]);
    expect(once).toEqual({ kind: "waiting", failures: 1 });
    const twice = run([{ kind: "pause over" }, { kind: "lost", at: 2 }], once);
    expect(twice).toEqual({ kind: "waiting", failures: 2 });
    expect(pauseMs(1, 0.5)).toBe(250);
    expect(pauseMs(3, 0.5)).toBe(1000);
    expect(pauseMs(30, 0.5)).toBe(5000);
    expect(pauseMs(30, 1)).toBeLessThan(7000);
  });

  test("comes back at once with the network", () => {
    const waiting = run([{ kind: "start" }, { kind: "lost", at: 1 }]);
    expect(lineAfter(waiting, { kind: "online" })).toEqual({ kind: "offering", failures: 0 });
  });

  test("is not fought over with another browser for ever", () => {
    let line = run(up(0));
    for (let n = 0; n < 4; n += 1) {
      line = run([{ kind: "lost", at: 100 }, { kind: "pause over" }], line);
      if (line.kind === "offering") line = lineAfter(line, { kind: "connected", at: 0 });
    }
    expect(line.kind).toBe("contested");
    expect(lineAfter(line, { kind: "online" }).kind).toBe("contested");
    expect(lineAfter(line, { kind: "start" }).kind).toBe("offering");
  });

  test("stays off once it was stopped", () => {
    const off = run([...up(0), { kind: "stop" }]);
    for (const kind of ["pause over", "online"] as const) expect(lineAfter(off, { kind })).toBe(off);
    expect(lineAfter(off, { kind: "lost", at: 1 })).toBe(off);
  });
});

test("the microphone's troubles have names", () => {
  expect(troubleOf(new DOMException("", "NotAllowedError"))).toBe("refused");
  expect(troubleOf(new DOMException("", "NotFoundError"))).toBe("missing");
  expect(troubleOf(new DOMException("", "NotReadableError"))).toBe("busy");
  expect(troubleOf(new DOMException("", "SecurityError"))).toBe("insecure");
  expect(troubleOf(new Error())).toBe("failed");
});

test("loudness is 0 for silence, 1 for full scale, and even to the ear between", () => {
  expect(loudness(new Float32Array(64))).toBe(0);
  expect(loudness(new Float32Array(64).fill(1))).toBe(1);
  expect(loudness(new Float32Array(64).fill(0.0316))).toBeCloseTo(0.5, 1);
});

describe("a promised call", () => {
  test("is promised by the callee's clock", () => {
    const [hour, tomorrow, week] = picksOf(NOW, CHICAGO);
    expect(hour).toEqual({ kind: "hour", local: "2026-11-26T10:05", clock: "10:05" });
    expect(tomorrow?.local).toBe("2026-11-27T09:00");
    expect(week?.local).toBe("2026-12-03T09:00");
    expect(placeOf("America/New_York")).toBe("New York");
  });

  test("is neither in the past nor too far ahead", () => {
    expect(timeProblem("2026-11-26T09:00", CHICAGO, NOW, 30)).toBe("past");
    expect(timeProblem("2026-11-26T09:05", CHICAGO, NOW, 30)).toBeNull();
    expect(timeProblem("2026-12-27T09:05", CHICAGO, NOW, 30)).toBe("tooFar");
    expect(timeProblem("", CHICAGO, NOW, 30)).toBe("none");
  });
});

describe("a disposition", () => {
  const draft = newDraft("a-1");

  test("lacks a choice, notes where they are needed, and a time where one is promised", () => {
    expect(missingOf(draft, call, NOW)).toEqual({ name: true });
    expect(missingOf({ ...draft, name: "Done" }, call, NOW)).toEqual({});
    expect(missingOf({ ...draft, name: "Complaint", notes: " " }, call, NOW)).toEqual({ notes: true });
    expect(missingOf({ ...draft, name: "Call back" }, call, NOW)).toEqual({ at: "none" });
  });

  test("is sent with the moment, and without what is not its own", () => {
    const promised = { ...draft, name: "Call back", local: "2026-11-27T09:00", forMe: true };
    expect(asked(promised, call)).toMatchObject({
      callback_at: "2026-11-27T15:00:00.000Z",
      for_me: true,
    });
    expect(asked({ ...promised, name: "Done" }, call)).toMatchObject({ callback_at: null, for_me: false });
  });

  test("that was begun is there after a reload, and never in another conversation", () => {
    const kept = JSON.stringify({ ...draft, notes: "speaks Spanish" });
    expect(keptDraft(kept, "a-1").notes).toBe("speaks Spanish");
    expect(keptDraft(kept, "a-2").notes).toBe("");
    expect(keptDraft("{", "a-1")).toEqual(draft);
  });
});

test("a callee is called by name, however the list spells it, else by number", () => {
  const named = (attributes: Record<string, unknown>) => nameOf({ attributes, phone: "+1" });
  expect(named({ first_name: "Ann", "Last name": "Miller" })).toBe("Ann Miller");
  expect(named({ Customer: "Bob Reyes", name: "" })).toBe("Bob Reyes");
  expect(named({ city: "Chicago" })).toBe("+1");
});

describe("what is said to those who do not see it", () => {
  const say = (before: Partial<Desk>, now: Partial<Desk>, muted = false) =>
    changeText({ desk: desk(before), muted: false }, { desk: desk(now), muted });

  test("a conversation, with whom and of which campaign", () => {
    expect(say({}, { presence: "on_call", call })).toBe("On call with Ann Miller, Spring.");
  });

  test("a pause, with who, why and what comes next", () => {
    const notice = {
      kind: "paused",
      campaign: { id: 1, name: "Spring" },
      by: "Dana",
      reason: "script wrong",
      next: { campaign: { id: 2, name: "Autumn" }, why: "assigned" },
      at: "2026-11-26T15:02:00Z",
    } as const;
    expect(say({}, { notice })).toBe(
      "Spring was paused by Dana: script wrong. Your next calls come from Autumn.",
    );
    expect(say({}, { notice: { ...notice, reason: null, next: null } })).toBe(
      "Spring was paused by Dana. No other campaign has calls for you now.",
    );
  });

  test("mute, hold, the line; and nothing where nothing changed", () => {
    const talks = { presence: "on_call", call } as const;
    expect(say(talks, talks, true)).toBe("Muted.");
    expect(say(talks, { ...talks, call: { ...call, on_hold: true } })).toBe("The callee is on hold.");
    expect(say({}, { device: false })).toBe("The line is gone.");
    expect(say(talks, talks)).toBeNull();
  });
});

test("keys have names", () => {
  expect(nameOfKey({ key: "m", shiftKey: false })).toBe("m");
  expect(nameOfKey({ key: "X", shiftKey: true })).toBe("shift+x");
  expect(nameOfKey({ key: "?", shiftKey: true })).toBe("?");
});
