import { expect, test } from "vitest";

import { EMPTY, type Message, type Rest, taken } from "../src/live/sse";

const TEXT =
  "retry: 1000\n\nid: a-1\nevent: campaign\ndata: {\"id\":1}\n\n: still here\n\nevent: ready\ndata: {}\n\n";

function all(pieces: string[]): Message[] {
  let rest: Rest = EMPTY;
  return pieces.flatMap((piece) => {
    const found = taken(rest, piece);
    rest = found.rest;
    return found.messages;
  });
}

test("messages are the same however the text is cut", () => {
  const whole = all([TEXT]);
  expect(whole).toEqual([
    { event: "campaign", data: '{"id":1}', id: "a-1" },
    { event: "ready", data: "{}", id: null },
  ]);
  for (let at = 1; at < TEXT.length; at += 1) {
    expect(all([TEXT.slice(0, at), TEXT.slice(at)])).toEqual(whole);
  }
  expect(all([...TEXT])).toEqual(whole);
});

test("data of several lines is one text, and a colon may stand in it", () => {
  expect(all(["data: a: b\ndata: c\n\n"])).toEqual([
    { event: "message", data: "a: b\nc", id: null },
  ]);
});
