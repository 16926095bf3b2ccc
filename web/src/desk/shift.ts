/** The shift that this page serves: it goes on after a reload, and is opened anew where it was lost. */
import { useCallback, useEffect, useState } from "react";

import { beginShift, goHome } from "../api/desk";
import { asProblem } from "../api/problem";
import { softphone, usePhone } from "./softphone/store";
import { type Intent, isLive, shiftStep } from "./state";
import { type Order, useDesk, useOrder } from "./store";

const KEPT = "caesura-desk-shift"; // of this tab, so that a reload changes nothing
const AGAIN_MS = 2_000;

export interface Shift {
  /** This page serves it. */
  here: boolean;
  /** Another page serves it, it seems. */
  elsewhere: boolean;
  /** It was lost, and is being opened anew. */
  reopening: boolean;
  /** It was lost, and goes on now. */
  reopened: boolean;
  begin: Order<[]>;
  leave: Order<[]>;
  /** Serve it here, though another page does. */
  takeOver: () => void;
  /** They stay after all. */
  stay: () => void;
  seen: () => void;
}

export function useShift(): Shift {
  const desk = useDesk();
  const [intent, keep] = useIntent(desk.agent.id);
  const [reopened, setReopened] = useState(false);
  const begin = useOrder(beginShift);
  const leave = useOrder(async () => void (await goHome()));
  const step = shiftStep(desk, intent);

  useEffect(() => {
    if (step === "go on") keep("wanted");
    if (step === "leave") keep("leaving");
    if (step === "over") keep(null);
  }, [step, keep]);
  useReopening(step === "open again", begin, () => setReopened(true), () => keep(null));

  const here = desk.on_shift && intent !== null;
  useLine(here && desk.phone === null);
  return {
    here,
    elsewhere: step === "ask",
    reopening: step === "open again",
    reopened,
    begin: useThen(begin, () => keep("wanted")),
    leave: useFirst(leave, () => keep("leaving"), () => keep("wanted")),
    takeOver: () => keep("wanted"),
    stay: () => keep("wanted"),
    seen: () => setReopened(false),
  };
}

function useIntent(agent: number): [Intent, (intent: Intent) => void] {
  const key = `${KEPT}-${agent}`;
  const [intent, setIntent] = useState<Intent>(() => {
    const kept = sessionStorage.getItem(key);
    return kept === "wanted" || kept === "leaving" ? kept : null;
  });
  const keep = useCallback(
    (next: Intent) => {
      setIntent(next);
      if (next === null) sessionStorage.removeItem(key);
      else sessionStorage.setItem(key, next);
    },
    [key],
  );
  return [intent, keep];
}

function useThen<Args extends readonly unknown[]>(order: Order<Args>, then: () => void): Order<Args> {
  return {
    ...order,
    send: async (...args) => {
      const done = await order.send(...args);
      if (done) then();
      return done;
    },
  };
}

/** `first` is so before the server can answer: the stream may tell of what was done before that. */
function useFirst(order: Order<[]>, first: () => void, notDone: () => void): Order<[]> {
  return {
    ...order,
    send: async () => {
      first();
      const done = await order.send();
      if (!done) notDone();
      return done;
    },
  };
}

/** Open it anew as often as it takes, unless the server says that there is no use in it. */
function useReopening(lost: boolean, begin: Order<[]>, onOpened: () => void, onRefused: () => void): void {
  const { send, problem, pending } = begin;
  const refused = problem !== null && !asProblem(problem).isAway && problem.body["retryable"] !== true;
  useEffect(() => {
    if (!lost || pending) return;
    if (refused) {
      onRefused();
      return;
    }
    const open = (): void => void send().then((done) => done && onOpened());
    const timer = setTimeout(open, problem === null ? 0 : AGAIN_MS);
    return () => clearTimeout(timer);
  }, [lost, pending, refused, problem, send]); // eslint-disable-line -- what follows is the same each time
}

/** Microphone and connection for as long as the shift is here. */
function useLine(here: boolean): void {
  const desk = useDesk();
  const stream = usePhone((phone) => phone.stream);
  const attempt = desk.call?.attempt ?? null;
  useEffect(() => {
    if (!here) return;
    const phone = softphone();
    if (phone.current().stream === null) void phone.open();
    return () => phone.stop();
  }, [here]);
  useEffect(() => {
    if (here && stream) softphone().start(desk.ice_servers as RTCIceServer[]);
  }, [here, stream, desk.ice_servers]);
  useEffect(() => {
    if (here) softphone().seen(desk.device);
  });
  useEffect(() => softphone().setLive(here && isLive(desk.presence)), [here, desk.presence, stream]);
  // Nobody begins a conversation muted; after a reload they are as they were.
  useEffect(() => softphone().setMuted(desk.call?.muted ?? false), [attempt]); // eslint-disable-line
}
