/** The cells: who dials, and what each has not stored yet. */
import { queryOptions } from "@tanstack/react-query";

import { api, type Answered, type Api, ask } from "./client";

export type Cell = Answered<Api<"CellView">>;

export const cells = queryOptions({
  queryKey: ["cells"],
  queryFn: async () => (await ask(api.GET("/api/v1/cells"))).items as Cell[],
  refetchInterval: 10_000, // it changes by itself
});
