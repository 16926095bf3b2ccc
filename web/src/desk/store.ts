/** Keeps the desk for the components, and sends what the agent asks for. */
import { useCallback, useEffect, useRef, useState, useSyncExternalStore } from "react";

import type { Desk } from "../api/desk";
import { asProblem, type Problem } from "../api/problem";
import { follow } from "../live/stream";
import { after, aheadOf, type DeskEvent, type DeskState, NOTHING_KNOWN } from "./state";

let state: DeskState = NOTHING_KNOWN;
const listeners = new Set<() => void>();

/** Follow the desk's stream until the function that it returns is called. */
export function start(): () => void {
  const stop = follow({
    url: "/api/v1/desk/events",
    sleeps: false, // calls come to a page that is behind others, too
    opened: (answer) => tell({ kind: "opened", ahead: aheadOf(answer.headers.get("Date"), Date.now()) }),
    message: (message) => {
      if (message.event !== "desk") return false;
      tell({ kind: "desk", desk: JSON.parse(message.data) as Desk });
      return true;
    },
    lost: (problem) => tell({ kind: "lost", at: Date.now(), problem }),
    asleep: () => undefined,
  });
  return () => {
    stop();
    state = NOTHING_KNOWN;
    for (const listener of listeners) listener();
  };
}

/** A part of what is known; `select` must give the same object for the same state. */
export function useDeskState<Part>(select: (state: DeskState) => Part): Part {
  return useSyncExternalStore(subscribe, () => select(state));
}

/** The desk; only where it is known. */
export function useDesk(): Desk {
  const desk = useDeskState((now) => now.desk);
  if (desk === null) throw new Error("the desk is not known yet");
  return desk;
}

export const current = (): DeskState => state;

/** Something that the agent asks for, and where that stands. */
export interface Order<Args extends readonly unknown[]> {
  /** Whether it was done. */
  send: (...args: Args) => Promise<boolean>;
  pending: boolean;
  /** Why not; until the next try. */
  problem: Problem | null;
  clear: () => void;
}

export function useOrder<Args extends readonly unknown[]>(
  ask: (...args: Args) => Promise<Desk | void>,
): Order<Args> {
  const [pending, setPending] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const latest = useRef(ask);
  useEffect(() => {
    latest.current = ask;
  });
  const send = useCallback(async (...args: Args): Promise<boolean> => {
    setPending(true);
    setProblem(null);
    const { shown } = state;
    try {
      const desk = await latest.current(...args);
      if (desk) tell({ kind: "answered", desk, shown });
      return true;
    } catch (error) {
      setProblem(asProblem(error));
      return false;
    } finally {
      setPending(false);
    }
  }, []);
  return { send, pending, problem, clear: useCallback(() => setProblem(null), []) };
}

function tell(event: DeskEvent): void {
  const next = after(state, event);
  if (next === state) return;
  state = next;
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Now by the server's clock, ms since 1970; looked at as often as said. */
export function useNow(everyMs = 1000): number {
  const ahead = useDeskState((known) => known.ahead);
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), everyMs);
    return () => clearInterval(timer);
  }, [everyMs]);
  return Math.max(now, 0) + ahead;
}
