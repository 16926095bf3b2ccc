/**
 * When the page offers its connection to the media process, and when it waits. Pure.
 *
 * One connection carries the whole shift. Whenever it is lost, the page offers a new one, at first
 * at once and then with growing pauses. A connection that is lost again and again as soon as it is
 * up is fought over: another browser offers for the same desk. Then the page stops and asks.
 */

export type Line =
  | { readonly kind: "off" }
  | { readonly kind: "offering"; readonly failures: number }
  | { readonly kind: "up"; readonly since: number; readonly failures: number }
  | { readonly kind: "waiting"; readonly failures: number }
  | { readonly kind: "contested" };

export type LineEvent =
  | { readonly kind: "start" }
  | { readonly kind: "stop" }
  | { readonly kind: "connected"; readonly at: number }
  /** The browser or the server says that it is gone, or an offer led to nothing. */
  | { readonly kind: "lost"; readonly at: number }
  | { readonly kind: "pause over" }
  /** The browser is back on a network. */
  | { readonly kind: "online" };

export const OFF: Line = { kind: "off" };
const STEADY_MS = 10_000; // up for so long, it was a good connection
const CONTESTED_AFTER = 4; // connections in a row that did not last
const PAUSE_MS_MIN = 250;
const PAUSE_MS_MAX = 5_000;

export function after(line: Line, event: LineEvent): Line {
  switch (event.kind) {
    case "start":
      return line.kind === "off" || line.kind === "contested" ? offering(0) : line;
    case "stop":
      return OFF;
    case "connected":
      if (line.kind !== "offering" && line.kind !== "waiting") return line;
      return { kind: "up", since: event.at, failures: line.failures };
    case "lost":
      if (line.kind === "offering") return { kind: "waiting", failures: line.failures + 1 };
      if (line.kind !== "up") return line;
      if (event.at - line.since >= STEADY_MS) return offering(0);
      return line.failures + 1 >= CONTESTED_AFTER
        ? { kind: "contested" }
        : { kind: "waiting", failures: line.failures + 1 };
    case "pause over":
      return line.kind === "waiting" ? offering(line.failures) : line;
    case "online":
      return line.kind === "waiting" || line.kind === "up" ? offering(0) : line;
  }
}

function offering(failures: number): Line {
  return { kind: "offering", failures };
}

/** How long to wait after so many failures, ms; `chance` is from 0 to 1, and keeps pages apart. */
export function pauseMs(failures: number, chance: number): number {
  const full = Math.min(PAUSE_MS_MIN * 2 ** Math.max(0, failures - 1), PAUSE_MS_MAX);
  return full * (0.75 + chance / 2);
}
