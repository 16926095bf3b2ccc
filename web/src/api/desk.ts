/** An agent's own desk. */
import { queryOptions } from "@tanstack/react-query";

import { api, type Answered, type Api, ask } from "./client";

export type Desk = Answered<Api<"DeskView">>;
export type DeskCall = NonNullable<Desk["call"]>;
export type DeskPhone = NonNullable<Desk["phone"]>;
export type Presence = Desk["presence"];
export type Today = Answered<Api<"Today">>;
export type Colleague = Answered<Api<"Colleague">>;

const given = async (request: Promise<{ data?: Api<"DeskView"> }>): Promise<Desk> =>
  (await ask(request)) as Desk;

export const readDesk = () => given(api.GET("/api/v1/desk"));
export const beginShift = () => given(api.POST("/api/v1/desk"));
export const goHome = () => ask(api.DELETE("/api/v1/desk"));

/** Gives the media process the page's offer; its answer. */
export const connect = async (offer: string, number: number): Promise<string> =>
  (await ask(api.POST("/api/v1/desk/connection", { body: { offer, number } }))).answer;

/** Call the agent's own telephone, again. */
export const ringPhone = () => given(api.POST("/api/v1/desk/phone"));

export const become = (presence: "available" | "break", reason?: string) =>
  given(api.PUT("/api/v1/desk/presence", { body: { presence, reason } }));

export const accept = () => given(api.POST("/api/v1/desk/accept"));
export const skip = () => given(api.POST("/api/v1/desk/skip"));
export const dial = (campaign: number, lead: number) =>
  given(api.POST("/api/v1/desk/dial", { body: { campaign, lead } }));

export const hangUp = () => given(api.POST("/api/v1/desk/hang-up"));
export const hold = (on: boolean) => given(api.PUT("/api/v1/desk/hold", { body: { on } }));
export const mute = (on: boolean) => given(api.PUT("/api/v1/desk/mute", { body: { on } }));
export const sendDigits = (digits: string) =>
  given(api.POST("/api/v1/desk/digits", { body: { digits } }));
/** null: to whoever is free the longest. */
export const handOver = (to: string | null) =>
  given(api.POST("/api/v1/desk/hand-over", { body: { to } }));

export type Disposing = Api<"DispositionAsked">;
export const dispose = (said: Disposing) => given(api.POST("/api/v1/desk/disposition", { body: said }));

export const endWrapUp = () => given(api.POST("/api/v1/desk/wrap-up/end"));
export const extendWrapUp = () => given(api.POST("/api/v1/desk/wrap-up/extend"));

/** Who could take the conversation over. */
export const colleagues = queryOptions({
  queryKey: ["desk", "colleagues"],
  queryFn: async () => (await ask(api.GET("/api/v1/desk/colleagues"))).items,
  refetchInterval: 2_000,
  staleTime: 0,
});

/** What the agent did since midnight in that zone. */
export const today = (zone: string) =>
  queryOptions({
    queryKey: ["desk", "today", zone],
    queryFn: async () =>
      (await ask(api.GET("/api/v1/desk/today", { params: { query: { zone } } }))) as Today,
    refetchInterval: 60_000,
  });
