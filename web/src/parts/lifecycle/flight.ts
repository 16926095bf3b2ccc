/** What is on the wire of the campaigns that a pause means. Pure. */
import type { Campaign } from "../../live/state";
import type { Scope } from "./actions";

export interface Flight {
  ringing: number;
  talking: number;
  /** How many campaigns it would stop. */
  campaigns: number;
}

/** Of the campaigns as they are now, not as they were when the pause was asked for. */
export function flightOf(scope: Scope, campaigns: ReadonlyMap<number, Campaign>): Flight {
  const meant =
    scope === "all"
      ? [...campaigns.values()].filter(({ status }) => status === "running")
      : scope.map((each) => campaigns.get(each.id) ?? each);
  return {
    ringing: meant.reduce((sum, each) => sum + each.in_flight.ringing, 0),
    talking: meant.reduce((sum, each) => sum + each.in_flight.talking, 0),
    campaigns: meant.length,
  };
}
