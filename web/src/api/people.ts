/** Users, API keys, and the cells that run. */
import { queryOptions } from "@tanstack/react-query";

import { api, type Answered, type Api, ask } from "./client";

export type User = Answered<Api<"UserView">>;
export type ApiKey = Answered<Api<"KeyView">>;
export type Cell = Answered<Api<"CellView">>;

export const users = queryOptions({
  queryKey: ["users"],
  queryFn: () => ask(api.GET("/api/v1/users")),
});

export const apiKeys = queryOptions({
  queryKey: ["api-keys"],
  queryFn: () => ask(api.GET("/api/v1/api-keys")),
});

export const cells = queryOptions({
  queryKey: ["cells"],
  queryFn: () => ask(api.GET("/api/v1/cells")),
  refetchInterval: 3_000,
});

export const addUser = (name: string) => ask(api.POST("/api/v1/users", { body: { name } }));

export const newOneTimePassword = (name: string) =>
  ask(api.POST("/api/v1/users/{name}/one-time-password", { params: { path: { name } } }));

export const setDisabled = (name: string, disabled: boolean) =>
  ask(api.PATCH("/api/v1/users/{name}", { params: { path: { name } }, body: { disabled } }));

export const addKey = (name: string) => ask(api.POST("/api/v1/api-keys", { body: { name } }));

export const endKey = (name: string) =>
  ask(api.DELETE("/api/v1/api-keys/{name}", { params: { path: { name } } }));
