/**
 * What the page knows of its desk. Pure: state + event → state.
 *
 * The stream sends the whole desk at once and with every change. An answer to a request shows the
 * desk too, but only counts if the stream has said nothing since the request left: what the stream
 * says is newer.
 */
import type { Desk, DeskCall } from "../api/desk";
import type { Problem } from "../api/problem";
import type { Connection } from "../live/state";

export interface DeskState {
  readonly connection: Connection;
  /** When the stream was lost, ms since 1970; null unless it is. */
  readonly lostAt: number | null;
  /** Why the server gives none: whoever is signed in is no agent. */
  readonly refused: Problem | null;
  readonly desk: Desk | null;
  /** How often the stream has shown the desk. */
  readonly shown: number;
  /** How far the server's clock is ahead of this machine's, ms. */
  readonly ahead: number;
  /** The last call that this page has seen end. */
  readonly last: DeskCall | null;
}

export type DeskEvent =
  | { readonly kind: "opened"; readonly ahead: number }
  | { readonly kind: "desk"; readonly desk: Desk }
  | { readonly kind: "answered"; readonly desk: Desk; readonly shown: number }
  | { readonly kind: "lost"; readonly at: number; readonly problem: Problem | null };

export const NOTHING_KNOWN: DeskState = {
  connection: "connecting",
  lostAt: null,
  refused: null,
  desk: null,
  shown: 0,
  ahead: 0,
  last: null,
};

export function after(state: DeskState, event: DeskEvent): DeskState {
  switch (event.kind) {
    case "opened":
      return { ...state, ahead: event.ahead };
    case "desk":
      return {
        ...withDesk(state, event.desk),
        shown: state.shown + 1,
        connection: "live",
        lostAt: null,
        refused: null,
      };
    case "answered":
      return event.shown === state.shown ? withDesk(state, event.desk) : state;
    case "lost":
      return {
        ...state,
        connection: "lost",
        lostAt: state.lostAt ?? event.at, // the first loss is the one that counts
        refused: event.problem ?? state.refused,
      };
  }
}

function withDesk(state: DeskState, desk: Desk): DeskState {
  const before = state.desk?.call ?? null;
  const over = before !== null && desk.call === null && before.attempt !== null;
  return { ...state, desk, last: over ? before : state.last };
}

const EXACT_MS = 2_000; // the header names whole seconds

/** How far the server's clock is ahead, by the Date of its answer; 0 where they agree. */
export function aheadOf(date: string | null, now: number): number {
  const theirs = date === null ? NaN : Date.parse(date);
  return Number.isNaN(theirs) || Math.abs(theirs - now) < EXACT_MS ? 0 : theirs - now;
}

/** What this page is to the shift; null: nothing. */
export type Intent = "wanted" | "leaving" | null;

/** What is to be done about the shift. */
export type ShiftStep =
  | "nothing"
  /** It goes on here: the page was loaded anew, or its browser was. */
  | "go on"
  /** Another page serves it, it seems; a person must say that it goes on here. */
  | "ask"
  /** They go home after the call, as was said somewhere else. */
  | "leave"
  /** The machine that served it went away. */
  | "open again"
  /** They have gone home. */
  | "over";

export function shiftStep(desk: Desk, intent: Intent): ShiftStep {
  if (!desk.on_shift) {
    if (intent === "wanted") return "open again";
    return intent === "leaving" ? "over" : "nothing";
  }
  if (intent === null) return desk.device ? "ask" : "go on";
  return intent === "wanted" && desk.wish === "offline" ? "leave" : "nothing";
}

/** Whether somebody may hear the microphone: from before the call on, for the first word's sake. */
export function isLive(presence: Desk["presence"]): boolean {
  return presence === "available" || presence === "calling" || presence === "on_call";
}

/** The name of whoever is called, as well as their attributes tell it; else the number. */
export function nameOf(call: Pick<DeskCall, "attributes" | "phone">): string {
  const known = new Map(
    Object.entries(call.attributes).map(([key, value]) => [
      key.toLowerCase().replaceAll(/[\s_-]/g, ""),
      typeof value === "string" ? value.trim() : "",
    ]),
  );
  const of = (...keys: string[]): string => keys.map((key) => known.get(key)).find(Boolean) ?? "";
  const whole = of("name", "fullname", "customer", "customername", "contact", "contactname");
  if (whole !== "") return whole;
  const parts = [of("firstname", "givenname", "first"), of("lastname", "surname", "familyname", "last")];
  return parts.filter(Boolean).join(" ") || of("company") || call.phone;
}
