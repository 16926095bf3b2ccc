/**
 * The hands of every pause, resume, start and terminate button: asks first where the policy says
 * so, sends, keeps trying a pause that does not arrive, and says what went wrong.
 */
import { notifications } from "@mantine/notifications";
import { type QueryClient, useQueryClient } from "@tanstack/react-query";
import {
  createContext,
  lazy,
  type ReactNode,
  Suspense,
  useCallback,
  useContext,
  useMemo,
  useRef,
  useState,
} from "react";

import { type PauseChanges, pauseChanges } from "../../api/campaign";
import type { Api } from "../../api/client";
import { asProblem } from "../../api/problem";
import { useSession } from "../../api/session";
import { useSystemSettings } from "../../api/systemSettings";
import type { Campaign } from "../../live/state";
import parts from "../../words/en/holds";
import words from "../../words/en/lifecycle";
import * as actions from "./actions";
import { anyChange } from "./anyChange";
import { asksBeforePause } from "./policy";
import { asksMyself } from "./release";

const PauseDialog = lazy(() => import("./PauseDialog"));
const ReleaseDialog = lazy(() => import("./ReleaseDialog"));
const ResumeDialog = lazy(() => import("./ResumeDialog"));
const TerminateDialog = lazy(() => import("./TerminateDialog"));

type Dialog =
  | { kind: "pause"; scope: actions.Scope; part?: boolean }
  | { kind: "resume"; campaign: Campaign; changes: PauseChanges }
  | { kind: "release"; campaign: Campaign }
  | { kind: "terminate"; campaign: Campaign };

/** A pause that is on its way to the server. */
export interface Asking {
  tries: number;
  stop: () => void;
}

interface Hands {
  /** Ask first, where the policy says so, then pause. */
  pause: (scope: actions.Scope) => void;
  /** Ask which part of it to pause. */
  pausePart: (campaign: Campaign) => void;
  resumePart: (campaign: Campaign, hold: Campaign["holds"][number]) => void;
  /** Resume at once; where something changed during the pause, show it first. */
  resume: (campaign: Campaign) => void;
  resumeSeveral: (campaigns: readonly Campaign[]) => void;
  /** Release emergency stops for which another person has asked. */
  approveSeveral: (campaigns: readonly Campaign[]) => void;
  start: (campaign: Campaign) => void;
  terminate: (campaign: Campaign) => void;
  /** Pauses that have not been answered yet, by campaign. */
  asking: ReadonlyMap<number, Asking>;
  dialogOpen: boolean;
}

const Context = createContext<Hands | null>(null);

export function useLifecycle(): Hands {
  const hands = useContext(Context);
  if (hands === null) throw new Error("useLifecycle needs <Lifecycle> around it");
  return hands;
}

export function Lifecycle({ children }: { children: ReactNode }) {
  const client = useQueryClient();
  const policy = useSystemSettings().data?.settings;
  const session = useSession().data;
  const dontAsk = session?.preferences.dont_ask_before_pause ?? false;
  const me = session?.user ?? null;
  const [dialog, setDialog] = useState<Dialog | null>(null);
  const { asking, pauseNow } = usePausing();

  const settle = useCallback(() => {
    void client.invalidateQueries({ queryKey: ["campaign"] });
  }, [client]);

  const send = useCallback(
    async (failed: string, work: () => Promise<unknown>): Promise<boolean> => {
      try {
        await work();
        return true;
      } catch (error) {
        complain(failed, asProblem(error).message);
        return false;
      } finally {
        settle();
      }
    },
    [settle],
  );

  const pauseScope = useCallback(
    async (scope: actions.Scope, order: actions.PauseOrder) => {
      const [only, another] = scope === "all" ? [] : scope;
      if (only !== undefined && another === undefined) await pauseNow(only, order);
      else await pauseMany(scope, order);
      settle();
    },
    [pauseNow, settle],
  );

  const hands = useMemo<Hands>(() => {
    const pause = (scope: actions.Scope): void => {
      const flying = scope === "all" ? 1 : scope.reduce((sum, each) => sum + inFlight(each), 0);
      // Everything is always asked for; and so is anything while the policy is not known.
      const ask = scope === "all" || !policy || asksBeforePause(policy, dontAsk, flying);
      if (ask) setDialog({ kind: "pause", scope });
      else void pauseScope(scope, actions.USUAL);
    };
    const resume = async (campaign: Campaign): Promise<void> => {
      const request = campaign.release_request;
      if (request !== null) {
        // Somebody has asked already: another person approves, whoever asked can only wait.
        if (asksMyself(request, me)) complain(words.release.awaits, words.release.youAsked);
        else setDialog({ kind: "release", campaign });
        return;
      }
      const changes = await changesOf(client, campaign);
      if (changes) setDialog({ kind: "resume", campaign, changes });
      else await send(words.notResumed(campaign.name), () => actions.resume(campaign));
    };
    return {
      pause,
      pausePart: (campaign) => setDialog({ kind: "pause", scope: [campaign], part: true }),
      resumePart: (campaign, hold) =>
        void send(parts.notResumed(parts.named(hold.scope, hold.value)), () =>
          actions.resumePart(campaign, hold.id),
        ),
      resume: (campaign) => void resume(campaign),
      resumeSeveral: (campaigns) =>
        void resumeMany(() => actions.resumeSeveral(campaigns)).then(settle),
      approveSeveral: (campaigns) =>
        void resumeMany(() => actions.approveSeveral(campaigns)).then(settle),
      start: (campaign) =>
        void send(words.notStarted(campaign.name), () => actions.start(campaign)),
      terminate: (campaign) => setDialog({ kind: "terminate", campaign }),
      asking,
      dialogOpen: dialog !== null,
    };
  }, [client, policy, dontAsk, me, asking, dialog, pauseScope, send, settle]);

  const close = (): void => setDialog(null);
  return (
    <Context value={hands}>
      {children}
      <Suspense fallback={null}>
        {dialog?.kind === "pause" && (
          <PauseDialog
            scope={dialog.scope}
            part={dialog.part ?? false}
            mayNotAskAgain={policy?.allow_dont_ask_again ?? false}
            onClose={close}
            onConfirm={(order) => {
              close();
              void pauseScope(dialog.scope, order);
            }}
          />
        )}
        {dialog?.kind === "resume" && (
          <ResumeDialog
            campaign={dialog.campaign}
            changes={dialog.changes}
            onClose={close}
            onConfirm={() => {
              close();
              const { campaign } = dialog;
              void send(words.notResumed(campaign.name), () => actions.resume(campaign));
            }}
          />
        )}
        {dialog?.kind === "release" && (
          <ReleaseDialog
            campaign={dialog.campaign}
            onClose={() => {
              close();
              settle();
            }}
          />
        )}
        {dialog?.kind === "terminate" && (
          <TerminateDialog campaign={dialog.campaign} onClose={close} onDone={settle} />
        )}
      </Suspense>
    </Context>
  );
}

/** Pauses on their way, each tried until it arrives, is given up, or is stopped by hand. */
function usePausing() {
  const [asking, setAsking] = useState<ReadonlyMap<number, Asking>>(new Map());
  const known = useRef(new Map<number, Asking>());
  const show = (): void => setAsking(new Map(known.current));

  const pauseNow = useCallback(async (campaign: Campaign, order: actions.PauseOrder) => {
    if (known.current.has(campaign.id)) return;
    const abort = new AbortController();
    const stop = (): void => abort.abort();
    const set = (tries: number): void => {
      known.current.set(campaign.id, { tries, stop });
      show();
    };
    set(0);
    try {
      await actions.pause(campaign, order, set, abort.signal);
    } catch (error) {
      const problem = asProblem(error);
      if (!abort.signal.aborted) {
        complain(words.notPaused(campaign.name), problem.isAway ? words.gaveUp : problem.message);
      }
    } finally {
      known.current.delete(campaign.id);
      show();
    }
  }, []);
  return { asking, pauseNow };
}

async function pauseMany(scope: actions.Scope, order: actions.PauseOrder): Promise<void> {
  try {
    const { results } = await actions.pauseSeveral(scope, order);
    const failed = results.filter((each) => each.error).length;
    if (failed > 0) complain(words.pause, words.someFailed(failed, results.length));
    const done = results.filter((each) => each.campaign.status === "paused").length;
    if (done > 0) notifications.show({ message: words.pausedSeveral(done), color: "amber" });
  } catch (error) {
    complain(words.pause, asProblem(error).message);
  }
}

async function resumeMany(order: () => Promise<Api<"BulkResult">>): Promise<void> {
  try {
    const { results } = await order();
    const failed = results.filter((each) => each.error).length;
    if (failed > 0) complain(words.resume, words.someFailed(failed, results.length));
    const ofState = (status: Campaign["status"]): number =>
      results.filter((each) => !each.error && each.campaign.status === status).length;
    const [done, asked] = [ofState("running"), ofState("paused")];
    if (done > 0) notifications.show({ message: words.resumedSeveral(done), color: "green" });
    if (asked > 0) notifications.show({ message: words.askedSeveral(asked), color: "amber" });
  } catch (error) {
    complain(words.resume, asProblem(error).message);
  }
}

/** What was changed or missed during the pause; null if nothing was, or if it cannot be told. */
async function changesOf(client: QueryClient, campaign: Campaign): Promise<PauseChanges | null> {
  try {
    const found = await client.fetchQuery({ ...pauseChanges(campaign.id), staleTime: 0 });
    return anyChange(found) ? found : null;
  } catch {
    return null; // the resume itself will say what is wrong
  }
}

function inFlight(campaign: Campaign): number {
  return campaign.in_flight.ringing + campaign.in_flight.talking;
}

function complain(title: string, message: string): void {
  notifications.show({ title, message, color: "red", autoClose: 15_000 });
}
