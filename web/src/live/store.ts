/** Keeps the live state for the components: one change per frame, however many events come. */
import { useSyncExternalStore } from "react";

import { follow } from "./stream";
import { after, type Campaign, type Connection, type LiveEvent, NOTHING_KNOWN, type LiveState } from "./state";

let state: LiveState = NOTHING_KNOWN;
let waiting: LiveEvent[] = [];
let scheduled = false;
const listeners = new Set<() => void>();

/** Take an event; it shows with the next frame. */
export function tell(event: LiveEvent): void {
  waiting.push(event);
  if (scheduled) return;
  scheduled = true;
  // Frames stop in hidden pages; those must not pile up events either.
  if (document.hidden) setTimeout(apply, 250);
  else requestAnimationFrame(apply);
}

/** Show at once what an answer said of a campaign. */
export function answered(campaign: Campaign): void {
  tell({ kind: "answered", campaign });
}

/** Follow the server's stream until the function that it returns is called. */
export function start(): () => void {
  const stop = follow(tell);
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
  const events = waiting;
  waiting = [];
  const next = after(state, events);
  if (next === state) return;
  state = next;
  for (const listener of listeners) listener();
}
