/** How a campaign's pause rules stand. */
import { queryOptions } from "@tanstack/react-query";

import { api, type Answered, type Api, ask } from "./client";

export type Standing = Answered<Api<"StandingView">>;

export const pauseRules = (id: number) =>
  queryOptions({
    queryKey: ["campaign", id, "pause-rules"],
    queryFn: () =>
      ask(
        api.GET("/api/v1/campaigns/{campaign}/pause-rules", {
          params: { path: { campaign: String(id) } },
        }),
      ),
    refetchInterval: 3_000,
  });
