/** Keeps the live state for the components: one change per frame, however many events come. */
import { useSyncExternalStore } from "react";

import type { Message } from "./sse";
import { follow } from "./stream";
import {
  after,
  type Campaign,
  type Connection,
  type Figures,
  type LiveEvent,
  NOTHING_KNOWN,
  type LiveState,
} from "./state";

const UNSEEN_MS = 250; // between two changes where there are no frames

let state: LiveState = NOTHING_KNOWN;
let waiting: LiveEvent[] = [];
let scheduled = false;
let frame = 0;
let unseen: ReturnType<typeof setTimeout> | undefined;
const listeners = new Set<() => void>();

/** Take an event; it shows with the next frame. */
export function tell(event: LiveEvent): void {
  waiting.push(event);
  if (scheduled) return;
  scheduled = true;
  frame = requestAnimationFrame(apply);
  // Frames stop in hidden pages, at any moment; those must not pile up events either.
  unseen = setTimeout(apply, UNSEEN_MS);
}

/** Show at once what an answer said of a campaign. */
export function answered(campaign: Campaign): void {
  tell({ kind: "answered", campaign });
}

/** Follow the server's stream until the function that it returns is called. */
export function start(): () => void {
  const stop = follow({
    url: "/api/v1/events",
    sleeps: true,
    opened: () => tell({ kind: "opened" }),
    message: (message) => {
      const event = eventOf(message);
      if (event !== null) tell(event);
      return event?.kind === "ready";
    },
    lost: () => tell({ kind: "lost", at: Date.now() }),
    asleep: () => tell({ kind: "asleep" }),
  });
  return () => {
    stop();
    waiting = [];
    state = NOTHING_KNOWN;
    for (const listener of listeners) listener();
  };
}

/** A part of the live state; `select` must give the same object for the same state. */
export function useLive<Part>(select: (state: LiveState) => Part): Part {
  return useSyncExternalStore(subscribe, () => select(state));
}

export function useConnection(): Connection {
  return useLive((now) => now.connection);
}

export function useCampaign(id: number): Campaign | undefined {
  return useLive((now) => now.campaigns.get(id));
}

/** The state at this moment, for what happens on a click. */
export function current(): LiveState {
  return state;
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function apply(): void {
  scheduled = false;
  cancelAnimationFrame(frame);
  clearTimeout(unseen);
  const events = waiting;
  waiting = [];
  const next = after(state, events);
  if (next === state) return;
  state = next;
  for (const listener of listeners) listener();
}

/** What a message says; null for kinds that this page does not know. */
function eventOf(message: Message): LiveEvent | null {
  switch (message.event) {
    case "campaign":
      return { kind: "campaign", campaign: JSON.parse(message.data) as Campaign };
    case "figures":
      return { kind: "figures", figures: JSON.parse(message.data) as Figures };
    case "ready":
      return { kind: "ready" };
    default:
      return null;
  }
}
