/** Providers of messages, and what contacts would be sent. */
import { keepPreviousData, queryOptions } from "@tanstack/react-query";

import type { Settings } from "./campaign";
import { api, type Answered, type Api, ask } from "./client";
import { allOf } from "./pages";

export type Provider = Answered<Api<"ProviderView">>;
export type NewProvider = Api<"NewProvider">;
export type ProviderChange = Api<"ProviderChange">;
export type MessagesPreview = Answered<Api<"MessagesView">>;

export const providers = queryOptions({
  queryKey: ["providers"],
  queryFn: async () =>
    (await allOf((cursor) =>
      api.GET("/api/v1/providers", { params: { query: { limit: 1000, cursor } } }),
    )) as Provider[],
  refetchInterval: 5_000, // their health changes by itself
});

export const addProvider = (provider: NewProvider) =>
  ask(api.POST("/api/v1/providers", { body: provider }));

export const changeProvider = (name: string, change: Partial<ProviderChange>) =>
  ask(
    api.PATCH("/api/v1/providers/{name}", {
      params: { path: { name } },
      body: change as ProviderChange,
    }),
  );

export const deleteProvider = (name: string) =>
  ask(api.DELETE("/api/v1/providers/{name}", { params: { path: { name } } }));

/** What the first contacts of the lists would be sent. */
export const messagesPreview = (lists: readonly string[], settings: Settings) =>
  queryOptions({
    queryKey: ["messages-preview", lists, settings.channel, settings.text],
    queryFn: async () =>
      (await ask(
        api.POST("/api/v1/campaigns/preview/messages", {
          body: { lists: [...lists], settings, limit: 3 },
        }),
      )) as MessagesPreview,
    placeholderData: keepPreviousData,
    retry: false,
  });
