import { describe, expect, it } from "vitest";

import { stacked, total } from "../src/pages/reports/figures";
import { ownSpan, shifted, spanOf } from "../src/pages/reports/period";

describe("Several campaigns as one", () => {
  const one = { launched: 10, received: 8, answered: 2, average_duration_s: 10, abandonment_rate: 0, outcomes: { answered: 2, busy: 6 } }; // prettier-ignore
  const other = { launched: 9, received: 8, answered: 6, average_duration_s: 30, abandonment_rate: 0.25, outcomes: { answered: 6, abandoned: 2 } }; // prettier-ignore
  it("weigh their averages by their calls", () => {
    expect(total([one, other])).toEqual({
      received: 16,
      answered: 8,
      answer_rate: 0.5,
      average_duration_s: 25,
      abandonment_rate: 0.2,
      outcomes: { answered: 8, busy: 6, abandoned: 2 },
    });
  });
  it("have no rates where nothing happened", () => {
    const none = total([]);
    expect([none.answer_rate, none.average_duration_s, none.abandonment_rate]).toEqual([null, null, null]);
  });
  it("add up in the chart, in the order of time", () => {
    const at = (start: string, received: number) => ({ start, received, answered: 1 });
    const [a, b] = ["2027-01-01T10:00:00Z", "2027-01-01T11:00:00Z"];
    expect(stacked([{ buckets: [at(b, 2)] }, { buckets: [at(a, 1), at(b, 3)] }])).toEqual([
      { start: a, received: 1, answered: 1 },
      { start: b, received: 5, answered: 2 },
    ]);
  });
});

describe("A period", () => {
  const now = new Date("2027-03-28T10:00:30Z"); // the clock goes forward in Berlin on this day
  it("begins at midnight of the clock that is shown", () => {
    expect(spanOf("today", now, "Europe/Berlin")).toEqual({
      from: "2027-03-27T23:00:00.000Z",
      to: "2027-03-28T10:01:00.000Z",
    });
  });
  it("of yesterday ends where today begins", () => {
    const { to } = spanOf("yesterday", now, "America/New_York");
    expect(to).toBe(spanOf("today", now, "America/New_York").from);
  });
  it("of one day has 23 hours where the clock goes forward", () => {
    expect(ownSpan("2027-03-28", "2027-03-28", "Europe/Berlin")).toEqual({
      from: "2027-03-27T23:00:00.000Z",
      to: "2027-03-28T22:00:00.000Z",
    });
  });
  it("is none where its days are no days or not in order", () => {
    expect(ownSpan("2027-03-02", "2027-03-01", "UTC")).toBeNull();
    expect(ownSpan("", "2027-03-01", "UTC")).toBeNull();
  });
  it("crosses months", () => expect(shifted("2028-03-01", -1)).toBe("2028-02-29"));
});
