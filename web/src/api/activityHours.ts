/** Whose activity hours are open now. */
import { queryOptions } from "@tanstack/react-query";

import { api, type Api, ask } from "./client";

export type HoursNow = Api<"CampaignHours">;

const EVERY_MS = 30_000;

/** By campaign; those that ended, or have nobody left to call, are not in it. */
export const activityHours = queryOptions({
  queryKey: ["activity-hours"],
  queryFn: async () => {
    const { items } = await ask(api.GET("/api/v1/activity-hours"));
    return new Map(items.map((each) => [each.campaign, each]));
  },
  staleTime: EVERY_MS / 2,
  refetchInterval: EVERY_MS,
});
