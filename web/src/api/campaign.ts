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

/** The newest versions of the settings, newest first. */
export const settingsVersions = (id: number) =>
  queryOptions({
    queryKey: ["campaign", id, "versions"],
    queryFn: async () => {
      const page = await ask(
        api.GET("/api/v1/campaigns/{campaign}/settings/versions", {
          params: { path: path(id), query: { limit: 100 } },
        }),
      );
      return page.items as SettingsVersion[];
    },
  });

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
