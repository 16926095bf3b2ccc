/** Trunks and calling numbers. */
import { queryOptions } from "@tanstack/react-query";

import { api, type Answered, type Api, ask } from "./client";
import { allOf } from "./pages";

export type Trunk = Answered<Api<"TrunkView">>;
export type NewTrunk = Api<"NewTrunk">;
export type TrunkChange = Api<"TrunkChange">;
export type CallingNumber = Answered<Api<"NumberView">>;

export const trunks = queryOptions({
  queryKey: ["trunks"],
  queryFn: async () =>
    (await allOf((cursor) =>
      api.GET("/api/v1/trunks", { params: { query: { limit: 1000, cursor } } }),
    )) as Trunk[],
  refetchInterval: 5_000, // their health changes by itself
});

export const callingNumbers = queryOptions({
  queryKey: ["numbers"],
  queryFn: () =>
    allOf((cursor) => api.GET("/api/v1/numbers", { params: { query: { limit: 1000, cursor } } })),
});

export const addTrunk = (trunk: NewTrunk) => ask(api.POST("/api/v1/trunks", { body: trunk }));

export const changeTrunk = (name: string, change: Partial<TrunkChange>) =>
  ask(
    api.PATCH("/api/v1/trunks/{name}", { params: { path: { name } }, body: change as TrunkChange }),
  );

export const deleteTrunk = (name: string) =>
  ask(api.DELETE("/api/v1/trunks/{name}", { params: { path: { name } } }));

export const addNumber = (body: Api<"NewNumber">) => ask(api.POST("/api/v1/numbers", { body }));

export const changeNumber = (name: string, body: Api<"NumberChange">) =>
  ask(api.PATCH("/api/v1/numbers/{name}", { params: { path: { name } }, body }));

export const deleteNumber = (name: string) =>
  ask(api.DELETE("/api/v1/numbers/{name}", { params: { path: { name } } }));
