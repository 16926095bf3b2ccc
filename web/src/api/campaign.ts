/** What is asked about one campaign beside the live stream. All keys begin with "campaign". */
import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";

import { api, type Answered, type Api, ask } from "./client";

export type Settings = Answered<Api<"CampaignSettings">>;
export type SettingsVersion = Omit<Api<"SettingsView">, "settings"> & { settings: Settings };
export type Receipt = Api<"Receipt">;
export type Transition = Api<"TransitionView">;

const path = (campaign: number | string) => ({ campaign: String(campaign) });

/** The campaign itself, by id or name; the only way to its sentence why it dials nothing. */
export const campaignView = (reference: number | string) =>
  queryOptions({
    queryKey: ["campaign", reference, "view"],
    queryFn: () =>
      ask(api.GET("/api/v1/campaigns/{campaign}", { params: { path: path(reference) } })),
  });

export const campaignSettings = (id: number) =>
  queryOptions({
    queryKey: ["campaign", id, "settings"],
    queryFn: async () =>
      (await ask(
        api.GET("/api/v1/campaigns/{campaign}/settings", { params: { path: path(id) } }),
      )) as SettingsVersion,
  });

/** Replace the settings; 412 if `version` is no longer the current one. */
export const saveSettings = async (id: number, settings: Settings, version: number) =>
  (await ask(
    api.PUT("/api/v1/campaigns/{campaign}/settings", {
      params: { path: path(id), header: { "if-match": `"${version}"` } },
      body: settings,
    }),
  )) as SettingsVersion;

/** The last lifecycle changes, newest first. */
export const lastTransitions = (id: number) =>
  queryOptions({
    queryKey: ["campaign", id, "transitions"],
    queryFn: () =>
      ask(
        api.GET("/api/v1/campaigns/{campaign}/history", {
          params: { path: path(id), query: { limit: 100 } },
        }),
      ),
  });

export const historyPages = (id: number) =>
  infiniteQueryOptions({
    queryKey: ["campaign", id, "history"],
    queryFn: ({ pageParam }) =>
      ask(
        api.GET("/api/v1/campaigns/{campaign}/history", {
          params: { path: path(id), query: { limit: 50, cursor: pageParam } },
        }),
      ),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.next_cursor,
  });

export const receipt = (id: number, receiptId: number) =>
  queryOptions({
    queryKey: ["campaign", id, "receipt", receiptId],
    queryFn: () =>
      ask(
        api.GET("/api/v1/campaigns/{campaign}/receipts/{receipt_id}", {
          params: { path: { ...path(id), receipt_id: receiptId } },
        }),
      ),
  });

export type PauseChanges = Api<"PauseChanges">;

/** What was changed while it was paused, and by whom. */
export const pauseChanges = (id: number) =>
  queryOptions({
    queryKey: ["campaign", id, "pause-changes"],
    queryFn: () =>
      ask(api.GET("/api/v1/campaigns/{campaign}/pause-changes", { params: { path: path(id) } })),
  });

/** What a pause would do right now. */
export const forecast = (id: number) =>
  queryOptions({
    queryKey: ["campaign", id, "forecast"],
    queryFn: () =>
      ask(api.GET("/api/v1/campaigns/{campaign}/forecast", { params: { path: path(id) } })),
    refetchInterval: 1000,
    staleTime: 0,
  });

export type Part = Api<"PartView">;

/** What of it can be paused by itself, and how much each part covers now. */
export const partsOf = (id: number) =>
  queryOptions({
    queryKey: ["campaign", id, "parts"],
    queryFn: () =>
      ask(api.GET("/api/v1/campaigns/{campaign}/parts", { params: { path: path(id) } })),
    refetchInterval: 3000,
    staleTime: 0,
  });

/** When it will be done. */
export const estimate = (id: number) =>
  queryOptions({
    queryKey: ["campaign", id, "estimate"],
    queryFn: () =>
      ask(api.GET("/api/v1/campaigns/{campaign}/estimate", { params: { path: path(id) } })),
    refetchInterval: 10_000,
  });

/** Calls over the last `span` ms, or since the first call. */
export const chart = (id: number, span: number | null) =>
  queryOptions({
    queryKey: ["campaign", id, "chart", span],
    queryFn: () => {
      const from = span === null ? null : new Date(Date.now() - span).toISOString();
      return ask(
        api.GET("/api/v1/campaigns/{campaign}/chart", {
          params: { path: path(id), query: { from, points: 90 } },
        }),
      );
    },
    refetchInterval: 4_000,
    placeholderData: (before) => before,
  });

/** Answers by weekday and hour on the clock of `zone`. */
export const heatMap = (id: number, zone: string) =>
  queryOptions({
    queryKey: ["campaign", id, "heat-map", zone],
    queryFn: () =>
      ask(
        api.GET("/api/v1/campaigns/{campaign}/heat-map", {
          params: { path: path(id), query: { zone } },
        }),
      ),
    refetchInterval: 60_000,
  });

/** How it does since the resume, and did before the pause. */
export const comparison = (id: number) =>
  queryOptions({
    queryKey: ["campaign", id, "comparison"],
    queryFn: () =>
      ask(
        api.GET("/api/v1/campaigns/{campaign}/comparison", {
          params: { path: path(id), query: { minutes: 10 } },
        }),
      ),
    refetchInterval: 5_000,
  });

export type Abandonment = Api<"AbandonmentView">;

export const abandonment = (id: number) =>
  queryOptions({
    queryKey: ["campaign", id, "abandonment"],
    queryFn: () =>
      ask(api.GET("/api/v1/campaigns/{campaign}/abandonment", { params: { path: path(id) } })),
    refetchInterval: 10_000,
  });

type LeadState = "due" | "waiting" | "in_progress" | "held" | "done" | "excluded";

export const leadPages = (id: number, state: LeadState | null) =>
  infiniteQueryOptions({
    queryKey: ["campaign", id, "leads", state],
    queryFn: ({ pageParam }) =>
      ask(
        api.GET("/api/v1/campaigns/{campaign}/leads", {
          params: {
            path: path(id),
            query: { limit: 50, cursor: pageParam, state: state === null ? null : [state] },
          },
        }),
      ),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.next_cursor,
  });

export interface CallFilter {
  outcome: Api<"Outcome"> | "all" | "open";
  number: string | null;
}

/** Calls, newest first; asked again every few seconds while only the first page is shown. */
export const callPages = (id: number, { outcome, number }: CallFilter) =>
  infiniteQueryOptions({
    queryKey: ["campaign", id, "calls", outcome, number],
    queryFn: ({ pageParam }) =>
      ask(
        api.GET("/api/v1/campaigns/{campaign}/calls", {
          params: {
            path: path(id),
            query: {
              limit: 50,
              cursor: pageParam,
              number,
              open: outcome === "open" ? true : null,
              outcome: outcome === "all" || outcome === "open" ? null : [outcome],
            },
          },
        }),
      ),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.next_cursor,
    refetchInterval: (query) => ((query.state.data?.pages.length ?? 0) > 1 ? false : 3_000),
  });
