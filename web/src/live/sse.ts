/** Server-sent events out of text that comes in pieces (WHATWG HTML, section 9.2.6). Pure. */

export interface Message {
  readonly event: string;
  readonly data: string;
  readonly id: string | null;
}

/** What is left of the text that came, to be put before the next piece. */
export interface Rest {
  readonly text: string;
}

export const EMPTY: Rest = { text: "" };

/** The messages that are whole with this piece, and the rest. Comments give no message. */
export function taken(rest: Rest, piece: string): { messages: Message[]; rest: Rest } {
  const whole = (rest.text + piece).replaceAll("\r\n", "\n");
  const blocks = whole.split("\n\n");
  const left = blocks.pop() ?? "";
  return { messages: blocks.flatMap(message), rest: { text: left } };
}

function message(block: string): Message[] {
  let event = "message";
  let id: string | null = null;
  const data: string[] = [];
  for (const line of block.split("\n")) {
    if (line.startsWith(":")) continue;
    const colon = line.indexOf(":");
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
    if (field === "event") event = value;
    else if (field === "data") data.push(value);
    else if (field === "id") id = value;
  }
  return data.length > 0 ? [{ event, data: data.join("\n"), id }] : [];
}
