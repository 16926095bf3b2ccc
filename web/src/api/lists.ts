/** Contact lists and their imports. */
import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";

import { api, type Answered, type Api, ask } from "./client";
import { allOf } from "./pages";
import { upload } from "./upload";

export type ContactList = Answered<Api<"ListView">>;
export type Import = Answered<Api<"ImportView">>;
export type Preview = Answered<Api<"PreviewView">>;

/** What the person who imports says about the file. */
export interface ImportWishes {
  name: string;
  region: string | null;
  /** Column position from 1 → field. */
  mapping: Record<string, string>;
  header: "auto" | "yes" | "no";
  duplicates: "skip" | "update";
  across_lists: "allow" | "skip";
  strict: boolean;
  delimiter: string | null;
  encoding: string | null;
  sheet: string | null;
}

const LISTS = ["lists"] as const;
const IMPORTS = ["imports"] as const;

export const lists = queryOptions({
  queryKey: LISTS,
  queryFn: () =>
    allOf((cursor) => api.GET("/api/v1/lists", { params: { query: { limit: 1000, cursor } } })),
});

export const imports = infiniteQueryOptions({
  queryKey: IMPORTS,
  queryFn: ({ pageParam }) =>
    ask(api.GET("/api/v1/imports", { params: { query: { limit: 20, cursor: pageParam } } })),
  initialPageParam: null as string | null,
  getNextPageParam: (last) => last.next_cursor,
  // Asked again while something of it moves.
  refetchInterval: ({ state }) =>
    state.data?.pages.some((page) => page.items.some((each) => each.state === "running"))
      ? 700
      : false,
});

export const importOf = (id: number) =>
  queryOptions({
    queryKey: [...IMPORTS, id],
    queryFn: () =>
      ask(api.GET("/api/v1/imports/{import_id}", { params: { path: { import_id: id } } })),
    refetchInterval: ({ state }) => (state.data?.state === "running" ? 400 : false),
  });

export const contactsOf = (name: string) =>
  queryOptions({
    queryKey: [...LISTS, name, "contacts"],
    queryFn: () =>
      ask(
        api.GET("/api/v1/lists/{name}/contacts", {
          params: { path: { name }, query: { limit: 20 } },
        }),
      ),
  });

/** Where the browser gets the refused rows of an import. */
export const rejectedCsv = (id: number) => `/api/v1/imports/${id}/rejected.csv`;

export function deleteList(name: string): Promise<unknown> {
  return ask(api.DELETE("/api/v1/lists/{name}", { params: { path: { name } } }));
}

export function previewFile(file: Blob, filename: string, wishes: ImportWishes): Promise<Preview> {
  const { name: _, duplicates: __, across_lists: ___, strict: ____, ...layout } = wishes;
  return upload<Preview>("/api/v1/lists/preview", {
    ...fieldsOf(layout),
    file: new File([file], filename),
  });
}

export function startImport(
  file: File,
  wishes: ImportWishes,
  onProgress: (share: number) => void,
): Promise<Import> {
  return upload<Import>("/api/v1/lists/imports", { ...fieldsOf(wishes), file }, onProgress);
}

function fieldsOf(wishes: Partial<ImportWishes>): Record<string, string | undefined> {
  const fields: Record<string, string | undefined> = {};
  for (const [name, value] of Object.entries(wishes)) {
    if (name === "mapping") fields[name] = JSON.stringify(value);
    else if (value !== null && value !== "") fields[name] = String(value);
  }
  return fields;
}
