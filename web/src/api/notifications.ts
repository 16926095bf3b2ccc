/** Who is told what, and what became of it. */
import { queryOptions } from "@tanstack/react-query";

import { api, type Answered, type Api, ask } from "./client";

export type Recipient = Answered<Api<"RecipientView">>;
export type NewRecipient = Api<"NewRecipient">;
export type RecipientChange = Api<"RecipientChange">;
export type Notification = Answered<Api<"NotificationView">>;
export type Event = Recipient["events"][number];

const at = (name: string) => ({ params: { path: { name } } });

export const recipients = queryOptions({
  queryKey: ["notification-recipients"],
  queryFn: () => ask(api.GET("/api/v1/notification-recipients")),
  refetchInterval: 5_000,
});

/** The last ones, newest first. */
export const lastNotifications = queryOptions({
  queryKey: ["notifications"],
  queryFn: () => ask(api.GET("/api/v1/notifications", { params: { query: { limit: 20 } } })),
  refetchInterval: 5_000,
});

export const addRecipient = (body: NewRecipient) =>
  ask(api.POST("/api/v1/notification-recipients", { body }));

export const changeRecipient = (name: string, change: Partial<RecipientChange>) =>
  ask(
    api.PATCH("/api/v1/notification-recipients/{name}", {
      ...at(name),
      body: change as RecipientChange,
    }),
  );

export const removeRecipient = (name: string) =>
  ask(api.DELETE("/api/v1/notification-recipients/{name}", at(name)));

export const testRecipient = (name: string) =>
  ask(api.POST("/api/v1/notification-recipients/{name}/test", at(name)));

export const retryNotification = (id: number) =>
  ask(
    api.POST("/api/v1/notifications/{notification_id}/retry", {
      params: { path: { notification_id: id } },
    }),
  );
