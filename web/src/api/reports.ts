/** What campaigns did in a time. */
import { queryOptions } from "@tanstack/react-query";

import { api, type Answered, type Api, ask } from "./client";

export type CampaignReport = Answered<Api<"CampaignReport">>;

/** A time, as the API takes it. */
export interface Span {
  readonly from: string;
  readonly to: string;
}

export const reportOf = (span: Span) =>
  queryOptions({
    queryKey: ["report", span],
    queryFn: async () =>
      (await ask(api.GET("/api/v1/reports/campaigns", { params: { query: span } }))).items,
    refetchInterval: 15_000,
  });

/** Calls of one campaign over the time. */
export const chartOf = (campaign: number, span: Span) =>
  queryOptions({
    queryKey: ["report", span, "chart", campaign],
    queryFn: () =>
      ask(
        api.GET("/api/v1/campaigns/{campaign}/chart", {
          params: { path: { campaign: String(campaign) }, query: { ...span, points: 120 } },
        }),
      ),
    refetchInterval: 15_000,
  });

/** Where the browser gets the same as CSV. */
export const csvOf = ({ from, to }: Span) =>
  `/api/v1/reports/campaigns.csv?${new URLSearchParams({ from, to }).toString()}`;
