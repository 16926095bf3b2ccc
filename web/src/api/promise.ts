/** The published figure: how fast pauses are here. */
import { queryOptions } from "@tanstack/react-query";

import { api, ask } from "./client";

const EVERY_MS = 5_000;

export const promise = queryOptions({
  queryKey: ["promise"],
  queryFn: () => ask(api.GET("/api/v1/promise")),
  refetchInterval: EVERY_MS,
});
