/** What is set for everybody. */
import { queryOptions, useQuery } from "@tanstack/react-query";

import { api, ask } from "./client";

export const systemSettings = queryOptions({
  queryKey: ["system-settings"],
  queryFn: () => ask(api.GET("/api/v1/system-settings")),
  staleTime: 30_000,
});

export function useSystemSettings() {
  return useQuery(systemSettings);
}
