/**
 * What the live stream made known of the campaigns. Pure: state + event → state.
 *
 * Every (re)connection begins with all campaigns as they are and then `ready`; what was not named
 * until then is gone. An event says how things are, so the newest one per campaign is enough. What
 * carries an older epoch than we know comes too late and is dropped: a pause that this page asked
 * for is answered directly, and an event from before it must not turn the badge back.
 */
import type { Api } from "../api/client";

export type Campaign = Api<"CampaignView">;
/** What calls change; names the campaign by `id`. */
export type Figures = Pick<Campaign, "id" | "epoch"> & Partial<Campaign>;

export type Connection = "connecting" | "live" | "lost" | "asleep";

export interface LiveState {
  readonly connection: Connection;
  /** When the connection was lost, ms since 1970; null unless `lost`. */
  readonly lostAt: number | null;
  /** Whether all campaigns were named at least once. */
  readonly complete: boolean;
  readonly campaigns: ReadonlyMap<number, Campaign>;
  /** Campaigns named since the stream was opened, until `ready`; null afterwards. */
  readonly named: ReadonlySet<number> | null;
}

export type LiveEvent =
  | { readonly kind: "opened" }
  | { readonly kind: "campaign"; readonly campaign: Campaign }
  | { readonly kind: "figures"; readonly figures: Figures }
  | { readonly kind: "ready" }
  | { readonly kind: "lost"; readonly at: number }
  | { readonly kind: "asleep" }
  /** An answer to a request that showed the campaign, outside of the stream. */
  | { readonly kind: "answered"; readonly campaign: Campaign };

export const NOTHING_KNOWN: LiveState = {
  connection: "connecting",
  lostAt: null,
  complete: false,
  campaigns: new Map(),
  named: null,
};

/** The state after several events; copies the map of campaigns at most once. */
export function after(state: LiveState, events: readonly LiveEvent[]): LiveState {
  let { connection, lostAt, complete, named } = state;
  let campaigns = state.campaigns as Map<number, Campaign>;
  let known = named as Set<number> | null;
  const set = (campaign: Campaign): void => {
    if (campaigns === state.campaigns) campaigns = new Map(campaigns);
    campaigns.set(campaign.id, campaign);
  };
  for (const event of events) {
    switch (event.kind) {
      case "opened":
        known = new Set();
        break;
      case "campaign":
      case "answered": {
        const before = campaigns.get(event.campaign.id);
        known?.add(event.campaign.id);
        if (before === undefined || event.campaign.epoch >= before.epoch) {
          set(event.kind === "campaign" ? withWhy(event.campaign, before) : event.campaign);
        }
        break;
      }
      case "figures": {
        const before = campaigns.get(event.figures.id);
        if (before !== undefined && event.figures.epoch >= before.epoch) {
          set({ ...before, ...event.figures });
        }
        break;
      }
      case "ready": {
        const gone = known === null ? [] : [...campaigns.keys()].filter((id) => !known?.has(id));
        if (gone.length > 0) {
          campaigns = new Map([...campaigns].filter(([id]) => !gone.includes(id)));
        }
        known = null;
        complete = true;
        connection = "live";
        lostAt = null;
        break;
      }
      case "lost":
        // A connection that was never made is lost too; the first loss is the one that counts.
        lostAt = lostAt ?? event.at;
        connection = "lost";
        known = null;
        break;
      case "asleep":
        connection = "asleep";
        known = null;
        break;
    }
  }
  named = known;
  return { connection, lostAt, complete, campaigns, named };
}

/** The stream leaves the sentence out; keep the one that a request gave while it still runs. */
function withWhy(campaign: Campaign, before: Campaign | undefined): Campaign {
  if (campaign.why !== null || before === undefined || before.epoch !== campaign.epoch) {
    return campaign;
  }
  return { ...campaign, why: before.why };
}
