/** Numbers that must not be called. */
import { infiniteQueryOptions } from "@tanstack/react-query";

import { api, type Answered, type Api, ask } from "./client";

export type Entry = Answered<Api<"EntryView">>;
export type NewEntries = Api<"NewEntries">;
export type Channel = NonNullable<NewEntries["channel"]>;

export const DO_NOT_CALL = ["do-not-call"] as const;

/** Entries, newest first; of numbers that begin so, where `phone` says how. */
export const entries = (phone: string | null, campaign: string | null) =>
  infiniteQueryOptions({
    queryKey: [...DO_NOT_CALL, phone, campaign],
    queryFn: ({ pageParam }) =>
      ask(
        api.GET("/api/v1/do-not-call", {
          params: {
            query: {
              limit: 50,
              cursor: pageParam,
              phone: phone ?? undefined,
              campaign: campaign ?? undefined,
            },
          },
        }),
      ),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.next_cursor,
  });

export const addEntries = (body: NewEntries) => ask(api.POST("/api/v1/do-not-call", { body }));

/** This entry and no other of the number. */
export const removeEntry = ({ phone, campaign, channel }: Entry) =>
  ask(
    api.DELETE("/api/v1/do-not-call/{name}", {
      params: {
        path: { name: phone },
        query: {
          ...(campaign === null ? {} : { campaign }),
          channel: (channel ?? "all") as Channel | "all",
        },
      },
    }),
  );
