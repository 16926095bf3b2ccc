/** What is set for everybody. */
import { queryOptions, useQuery } from "@tanstack/react-query";

import { api, type Api, ask } from "./client";

export const systemSettings = queryOptions({
  queryKey: ["system-settings"],
  queryFn: () => ask(api.GET("/api/v1/system-settings")),
  staleTime: 30_000,
});

export function useSystemSettings() {
  return useQuery(systemSettings);
}

type SystemSettings = Api<"SystemSettings">;

/** Replaces all of it, unless somebody changed it since `version`: then refused (412). */
export const putSystemSettings = (version: number, settings: SystemSettings) =>
  ask(
    api.PUT("/api/v1/system-settings", {
      params: { header: { "if-match": `"${version}"` } },
      body: settings,
    }),
  );
