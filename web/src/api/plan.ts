/** A campaign that might be made: what it would do, and making it. */
import { queryOptions } from "@tanstack/react-query";

import type { Settings } from "./campaign";
import { api, type Answered, type Api, ask } from "./client";

export type Plan = Answered<Api<"PlanView">>;

/** What would happen if it was started now. */
export const planOf = (lists: readonly string[], settings: Settings | null) =>
  queryOptions({
    queryKey: ["plan", lists, settings],
    queryFn: async () =>
      (await ask(
        api.POST("/api/v1/campaigns/preview", {
          body: { lists: [...lists], ...(settings ? { settings } : {}) },
        }),
      )) as Plan,
    retry: false,
  });

/** As a draft. The same `key` again makes no second one. */
export const createCampaign = (
  key: string,
  body: { name: string; lists: string[]; settings: Settings },
) => ask(api.POST("/api/v1/campaigns", { params: { header: { "idempotency-key": key } }, body }));
