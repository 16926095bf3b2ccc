/** Asking the server for transitions. Every one names the epoch that the page saw. */
import { api, type Api, ask } from "../../api/client";
import { asProblem, Problem } from "../../api/problem";
import type { Campaign } from "../../live/state";
import { answered } from "../../live/store";
import type { PartName } from "./parts";

export type Drain = Api<"Drain">;

export interface PauseOrder {
  reason: string | null;
  drain: Drain | null;
  until: string | null;
  when: Api<"Pause">["when"];
  /** The campaign whose calls its agents take meanwhile, by id; null: their other campaigns'. */
  destination: string | null;
  /** Parts to pause, and nothing else; null: the whole campaign. */
  part?: readonly PartName[] | null;
}

export const USUAL: PauseOrder = { reason: null, drain: null, until: null, when: [], destination: null };

type Result = Api<"LifecycleResult">;
type PartsResult = Api<"PartsResult">;

const GIVE_UP_MS = 60_000;
const TRY_EVERY_MS = 700;
const ANSWER_MS_MAX = 8_000;

/**
 * Pause, and keep trying for a minute while the server is out of reach: a manager who asks for
 * silence wants it also when the network hiccups. `tried` hears of every attempt that did not
 * arrive. The pause names no epoch: it is wanted whatever happened meanwhile, and pausing what is
 * paused changes nothing.
 */
export async function pause(
  campaign: Campaign,
  order: PauseOrder,
  tried: (tries: number) => void,
  signal: AbortSignal,
): Promise<Result | PartsResult> {
  const { part, when, destination, ...body } = order;
  const path = { campaign: String(campaign.id) };
  const giveUp = Date.now() + GIVE_UP_MS;
  for (let tries = 1; ; tries += 1) {
    try {
      const options = {
        params: { path },
        signal: AbortSignal.any([signal, AbortSignal.timeout(ANSWER_MS_MAX)]),
      };
      const result = part
        ? await ask(
            api.POST("/api/v1/campaigns/{campaign}/holds", {
              ...options,
              // The picker's parts also say what they cover.
              body: { ...body, part: part.map(({ scope, value }) => ({ scope, value })) },
            }),
          )
        : await ask(api.POST("/api/v1/campaigns/{campaign}/pause", {
              ...options,
              body: { ...body, when, destination },
            }),
          );
      answered(result.campaign);
      return result;
    } catch (error) {
      const problem = asProblem(error);
      if (signal.aborted || !problem.isAway || Date.now() > giveUp) throw problem;
      tried(tries);
      await new Promise((resolve) => setTimeout(resolve, TRY_EVERY_MS));
    }
  }
}

export async function resume(campaign: Campaign, reason: string | null = null): Promise<Result> {
  return transition(campaign, "resume", reason);
}

export async function start(campaign: Campaign): Promise<Result> {
  return transition(campaign, "start", null);
}

async function transition(
  campaign: Campaign,
  what: "resume" | "start",
  reason: string | null,
): Promise<Result> {
  const request = {
    params: { path: { campaign: String(campaign.id) } },
    body: { reason, epoch: campaign.epoch },
  };
  const path = `/api/v1/campaigns/{campaign}/${what}` as const;
  const result = await ask(api.POST(path, request));
  answered(result.campaign);
  return result;
}

export async function terminate(campaign: Campaign, reason: string | null): Promise<Result> {
  const result = await ask(
    api.POST("/api/v1/campaigns/{campaign}/terminate", {
      params: { path: { campaign: String(campaign.id) } },
      body: { reason, epoch: campaign.epoch },
    }),
  );
  answered(result.campaign);
  return result;
}

/** Say anew how the standing pause ends; nothing: when somebody resumes. */
export async function changeResumption(
  campaign: Campaign,
  terms: Pick<PauseOrder, "until" | "when">,
): Promise<Result> {
  const result = await ask(
    api.PUT("/api/v1/campaigns/{campaign}/resumption", {
      params: { path: { campaign: String(campaign.id) } },
      body: { ...terms, epoch: campaign.epoch },
    }),
  );
  answered(result.campaign);
  return result;
}

/** Resume one part that is paused by itself. */
export async function resumePart(campaign: Campaign, hold: number): Promise<PartsResult> {
  const result = await ask(
    api.POST("/api/v1/campaigns/{campaign}/holds/release", {
      params: { path: { campaign: String(campaign.id) } },
      body: { holds: [hold] },
    }),
  );
  answered(result.campaign);
  return result;
}

/** Release an emergency stop for which another person has asked. */
export async function approve(campaign: Campaign, reason: string | null): Promise<Result> {
  const result = await ask(
    api.POST("/api/v1/campaigns/{campaign}/approve", {
      params: { path: { campaign: String(campaign.id) } },
      body: { reason, epoch: campaign.epoch },
    }),
  );
  answered(result.campaign);
  return result;
}

/** Take the request for that back, or turn it down. */
export async function withdraw(campaign: Campaign): Promise<Result> {
  const result = await ask(
    api.POST("/api/v1/campaigns/{campaign}/withdraw", {
      params: { path: { campaign: String(campaign.id) } },
      body: { epoch: campaign.epoch },
    }),
  );
  answered(result.campaign);
  return result;
}

export async function approveSeveral(campaigns: readonly Campaign[]): Promise<Api<"BulkResult">> {
  const result = await ask(
    api.POST("/api/v1/campaigns/approve", {
      body: { campaigns: campaigns.map(({ id }) => String(id)) },
    }),
  );
  for (const item of result.results) answered(item.campaign);
  return result;
}

export type Scope = readonly Campaign[] | "all";

/** Pause several campaigns, or all: one request, so that none waits for another. */
export async function pauseSeveral(
  scope: Scope,
  { part: _, destination: __, ...order }: PauseOrder, // both are of one campaign
): Promise<Api<"BulkResult">> {
  const which = scope === "all" ? { all: true } : { campaigns: scope.map(({ id }) => String(id)) };
  const result = await ask(api.POST("/api/v1/campaigns/pause", { body: { ...which, ...order } }));
  for (const item of result.results) answered(item.campaign);
  return result;
}

export async function resumeSeveral(campaigns: readonly Campaign[]): Promise<Api<"BulkResult">> {
  const result = await ask(
    api.POST("/api/v1/campaigns/resume", {
      body: { campaigns: campaigns.map(({ id }) => String(id)) },
    }),
  );
  for (const item of result.results) answered(item.campaign);
  return result;
}

/** Whether a problem is that somebody changed the state first. */
export function isConflict(problem: Problem): boolean {
  return problem.status === 409;
}
