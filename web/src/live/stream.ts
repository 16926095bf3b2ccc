/**
 * The connection to a stream of the server's: opens, reads, notices silence, comes back.
 *
 * Not EventSource: that one hides the server's signs of life, so a connection that died without a
 * word would look live for ever. A page nobody looks at lets go of the stream after a while (a
 * browser opens six connections to a server in all, whatever the number of tabs) and takes it up
 * again, with how everything is by then, in the moment it is looked at.
 */
import { problemOf } from "../api/client";
import type { Problem } from "../api/problem";
import { EMPTY, taken, type Message, type Rest } from "./sse";

const SILENCE_MS_MAX = 35_000; // the server says something at least every 15 s
const ASLEEP_AFTER_MS = 60_000;
const RETRY_MS_MIN = 250;
const RETRY_MS_MAX = 3_000;

/** What a stream is, and what is done with what it says. */
export interface Source {
  /** Path of the server's. */
  url: string;
  /** Whether a page that nobody looks at may let go of it. */
  sleeps: boolean;
  opened: (response: Response) => void;
  /** True: how things are is known with it, so that the next try comes soon. */
  message: (message: Message) => boolean;
  /** `problem`: the server refused it, and it is not tried again. */
  lost: (problem: Problem | null) => void;
  asleep: () => void;
}

/** Follow the stream until stopped; returns what stops it. */
export function follow(source: Source): () => void {
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
    void read(mine, source, () => (retryMs = RETRY_MS_MIN)).then((refused) => {
      if (current !== mine || stopped || asleep) return;
      source.lost(refused);
      if (refused) return;
      retryTimer = setTimeout(open, retryMs * (0.75 + Math.random() / 2));
      retryMs = Math.min(retryMs * 2, RETRY_MS_MAX);
    });
  };

  const onVisibility = (): void => {
    clearTimeout(sleepTimer);
    if (document.hidden && source.sleeps) {
      sleepTimer = setTimeout(() => {
        asleep = true;
        current?.abort();
        source.asleep();
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

/** One connection, until it ends. A problem: it is of no use to try again. */
async function read(
  abort: AbortController,
  source: Source,
  onKnown: () => void,
): Promise<Problem | null> {
  let watchdog: ReturnType<typeof setTimeout> | undefined;
  const alive = (): void => {
    clearTimeout(watchdog);
    watchdog = setTimeout(() => abort.abort(), SILENCE_MS_MAX);
  };
  try {
    alive();
    const response = await fetch(source.url, {
      signal: abort.signal,
      credentials: "same-origin",
      headers: { Accept: "text/event-stream" },
      cache: "no-store",
    });
    if (!response.ok || response.body === null) {
      const problem = await problemOf(response);
      return problem.status === 401 || problem.status === 403 ? problem : null;
    }
    source.opened(response);
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    let rest: Rest = EMPTY;
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return null;
      alive();
      const found = taken(rest, value);
      rest = found.rest;
      for (const message of found.messages) if (source.message(message)) onKnown();
    }
  } catch {
    return null; // the network, the server, or the watchdog
  } finally {
    clearTimeout(watchdog);
    abort.abort();
  }
}
