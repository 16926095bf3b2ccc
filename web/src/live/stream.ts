/**
 * The connection to GET /api/v1/events: opens, reads, notices silence, comes back.
 *
 * Not EventSource: that one hides the server's signs of life, so a connection that died without a
 * word would look live for ever. A page nobody looks at lets go of the stream after a while (a
 * browser opens six connections to a server in all, whatever the number of tabs) and takes it up
 * again, with how everything is by then, in the moment it is looked at.
 */
import { problemOf } from "../api/client";
import { EMPTY, taken, type Message, type Rest } from "./sse";
import type { Campaign, Figures, LiveEvent } from "./state";

const URL = "/api/v1/events";
const SILENCE_MS_MAX = 35_000; // the server says something at least every 15 s
const ASLEEP_AFTER_MS = 60_000;
const RETRY_MS_MIN = 250;
const RETRY_MS_MAX = 3_000;

/** Follow the stream until stopped; returns what stops it. */
export function follow(tell: (event: LiveEvent) => void): () => void {
  let stopped = false;
  let retryMs = RETRY_MS_MIN;
  let current: AbortController | null = null;
  let retryTimer: ReturnType<typeof setTimeout> | undefined;
  let sleepTimer: ReturnType<typeof setTimeout> | undefined;
  let asleep = false;

  const open = (): void => {
    clearTimeout(retryTimer);
    current?.abort();
    if (stopped || asleep) return;
    const mine = new AbortController();
    current = mine;
    void read(mine, tell, () => (retryMs = RETRY_MS_MIN)).then((goOn) => {
      if (current !== mine || stopped || asleep) return;
      tell({ kind: "lost", at: Date.now() });
      if (!goOn) return;
      retryTimer = setTimeout(open, retryMs * (0.75 + Math.random() / 2));
      retryMs = Math.min(retryMs * 2, RETRY_MS_MAX);
    });
  };

  const onVisibility = (): void => {
    clearTimeout(sleepTimer);
    if (document.hidden) {
      sleepTimer = setTimeout(() => {
        asleep = true;
        current?.abort();
        tell({ kind: "asleep" });
      }, ASLEEP_AFTER_MS);
    } else if (asleep) {
      asleep = false;
      open();
    }
  };
  const onOnline = (): void => {
    retryMs = RETRY_MS_MIN;
    open();
  };

  document.addEventListener("visibilitychange", onVisibility);
  window.addEventListener("online", onOnline);
  open();
  return () => {
    stopped = true;
    clearTimeout(retryTimer);
    clearTimeout(sleepTimer);
    document.removeEventListener("visibilitychange", onVisibility);
    window.removeEventListener("online", onOnline);
    current?.abort();
  };
}

/** One connection, until it ends. False: it is of no use to try again (nobody is signed in). */
async function read(
  abort: AbortController,
  tell: (event: LiveEvent) => void,
  onReady: () => void,
): Promise<boolean> {
  let watchdog: ReturnType<typeof setTimeout> | undefined;
  const alive = (): void => {
    clearTimeout(watchdog);
    watchdog = setTimeout(() => abort.abort(), SILENCE_MS_MAX);
  };
  try {
    alive();
    const response = await fetch(URL, {
      signal: abort.signal,
      credentials: "same-origin",
      headers: { Accept: "text/event-stream" },
      cache: "no-store",
    });
    if (!response.ok || response.body === null) {
      const problem = await problemOf(response);
      return problem.status !== 401;
    }
    tell({ kind: "opened" });
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    let rest: Rest = EMPTY;
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return true;
      alive();
      const found = taken(rest, value);
      rest = found.rest;
      for (const message of found.messages) {
        const event = eventOf(message);
        if (event === null) continue;
        if (event.kind === "ready") onReady();
        tell(event);
      }
    }
  } catch {
    return true; // the network, the server, or the watchdog
  } finally {
    clearTimeout(watchdog);
    abort.abort();
  }
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
