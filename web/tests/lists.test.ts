import { describe, expect, it } from "vitest";

import {
  chosen,
  listNameOf,
  mappingOf,
  rowsOfWhole,
  SLICE_BYTES,
  sliceEnd,
} from "../src/pages/lists/preview";

describe("What of a file is sent to be looked at", () => {
  const long = new Uint8Array(SLICE_BYTES).fill(0x61);
  it("is all of a small one and of a workbook", () => {
    expect(sliceEnd("a.csv", 10, new Uint8Array(10))).toBe(10);
    expect(sliceEnd("a.xlsx", 10 * SLICE_BYTES, long)).toBe(10 * SLICE_BYTES);
  });
  it("ends after a line of a large text, never within one", () => {
    const head = long.slice();
    head[1000] = 0x0a;
    expect(sliceEnd("a.CSV", 10 * SLICE_BYTES, head)).toBe(1001);
    expect(sliceEnd("a.csv", 10 * SLICE_BYTES, long)).toBe(10 * SLICE_BYTES);
  });
  it("is all of a UTF-16 text, in which a line feed is two bytes", () => {
    const head = long.slice();
    head.set([0xff, 0xfe]);
    head[1000] = 0x0a;
    expect(sliceEnd("a.csv", 10 * SLICE_BYTES, head)).toBe(10 * SLICE_BYTES);
  });
  it("tells about how many rows the whole has", () => {
    expect(rowsOfWhole(100, 1000, 50_000)).toBe(5000);
    expect(rowsOfWhole(100, 1000, 1000)).toBe(100);
  });
});

describe("Choosing what a column is", () => {
  it("takes a field that only one column can have from the other", () => {
    expect(chosen(["phone", "name", "attribute"], 2, "name")).toEqual(["phone", "attribute", "name"]);
  });
  it("leaves no gap in the phones", () => {
    expect(chosen(["phone", "phone_2", "attribute"], 0, "attribute")).toEqual([
      "attribute",
      "phone",
      "attribute",
    ]);
    expect(chosen(["phone", "attribute"], 1, "phone_2")).toEqual(["phone", "phone_2"]);
  });
  it("moves the first phone, and has no second without another", () => {
    expect(chosen(["phone", "attribute"], 1, "phone")).toEqual(["attribute", "phone"]);
  });
  it("lets several columns be attributes or left out", () => {
    expect(chosen(["phone", "ignore", "attribute"], 2, "ignore")).toEqual(["phone", "ignore", "ignore"]);
  });
  it("is told to the server by position from 1", () => {
    expect(mappingOf(["phone", "ignore"])).toEqual({ "1": "phone", "2": "ignore" });
  });
});

it("names a list after its file", () => {
  expect(listNameOf("new_people 2027.csv")).toBe("new people 2027");
  expect(listNameOf(".csv")).toBe("list");
});
