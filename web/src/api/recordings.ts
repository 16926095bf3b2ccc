/** The recorded messages. */
import { queryOptions } from "@tanstack/react-query";

import { api, type Answered, type Api, ask } from "./client";
import { allOf } from "./pages";
import { upload } from "./upload";

export type Recording = Answered<Api<"RecordingView">>;

export const recordings = queryOptions({
  queryKey: ["recordings"],
  queryFn: () =>
    allOf((cursor) =>
      api.GET("/api/v1/recordings", { params: { query: { limit: 1000, cursor } } }),
    ),
});

/** Where the browser gets the sound. */
export const audioOf = (name: string) => `/api/v1/recordings/${encodeURIComponent(name)}/audio`;

export const addRecording = (
  file: File,
  name: string | undefined,
  onProgress?: (share: number) => void,
) => upload<Recording>("/api/v1/recordings", { file, name }, onProgress);

export const deleteRecording = (name: string) =>
  ask(api.DELETE("/api/v1/recordings/{name}", { params: { path: { name } } }));
