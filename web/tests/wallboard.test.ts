import { describe, expect, test } from "vitest";

import type { Campaign } from "../src/live/state";
import { kept, onTheWall, pageOf, rowsThatFit, totals } from "../src/pages/wallboard/wall";

function campaign(id: number, status: Campaign["status"], change: Partial<Campaign> = {}): Campaign {
  return {
    id,
    name: `campaign ${id}`,
    status,
    in_flight: { ringing: 1, talking: 2 },
    ...change,
  } as Campaign;
}

describe("what is on the wall", () => {
  test("only what runs, is paused, or is about to be: in that order, by name", () => {
    const all = [
      campaign(1, "paused"),
      campaign(2, "draft"),
      campaign(3, "running", { name: "b" }),
      campaign(4, "completed"),
      campaign(5, "running", { name: "a" }),
      campaign(6, "terminated"),
      campaign(7, "pausing"),
      campaign(8, "terminating"),
    ];
    expect(onTheWall(all).map(({ id }) => id)).toEqual([7, 8, 5, 3, 1]);
  });

  test("counts the conversations of paused and ended campaigns too", () => {
    const all = [campaign(1, "running"), campaign(2, "paused"), campaign(3, "pausing")];
    expect(totals([...all, campaign(4, "terminated")])).toEqual({
      running: 1,
      paused: 2,
      ringing: 4,
      talking: 8,
    });
  });
});

describe("its pages", () => {
  test("twelve campaigns fit screens of 900 and of 1080 pixels, more a very large one", () => {
    expect(rowsThatFit(900)).toBe(12);
    expect(rowsThatFit(1080)).toBe(12);
    expect(rowsThatFit(2160)).toBeGreaterThan(12);
    expect(rowsThatFit(200)).toBe(3);
  });

  test("hold every row exactly once, and turn round at both ends", () => {
    const rows = Array.from({ length: 25 }, (_, row) => row);
    const pages = [0, 1, 2].map((page) => pageOf(rows, page, 12));
    expect(pages.flatMap(({ rows: shown }) => shown)).toEqual(rows);
    expect(pages.map(({ pages: all }) => all)).toEqual([3, 3, 3]);
    expect(pageOf(rows, 3, 12)).toEqual(pages[0]);
    expect(pageOf(rows, -1, 12)).toEqual(pages[2]);
  });

  test("there is one where there is nothing, or all fits", () => {
    expect(pageOf([], 5, 12)).toEqual({ rows: [], page: 0, pages: 1 });
    expect(pageOf([1, 2], 7, 12)).toEqual({ rows: [1, 2], page: 0, pages: 1 });
  });
});

describe("the pause promise", () => {
  test("is broken as soon as there is an alarm, and kept only if there was a pause", () => {
    expect(kept(undefined)).toBe("unknown");
    expect(kept({ pauses: 0, alarms: [] })).toBe("none");
    expect(kept({ pauses: 3, alarms: [] })).toBe("kept");
    expect(kept({ pauses: 3, alarms: ["p99 is 90 ms"] })).toBe("broken");
  });
});
