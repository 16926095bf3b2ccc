/** What the list is narrowed and sorted to, kept in the address so that Back brings it back. */
import { useSearchParams } from "wouter";

import { type Filter, FILTERS, type Sort, type SortKey } from "./order";

export interface View {
  search: string;
  filter: Filter;
  sort: Sort;
}

export function useView() {
  const [params, setParams] = useSearchParams();
  const view: View = {
    search: params.get("q") ?? "",
    filter: FILTERS.find((filter) => filter === params.get("status")) ?? "all",
    sort: sortOf(params.get("sort")),
  };
  const change = (to: Partial<View>): void => {
    const next = { ...view, ...to };
    setParams(
      {
        ...(next.search && { q: next.search }),
        ...(next.filter !== "all" && { status: next.filter }),
        ...(next.sort.key !== "status" && {
          sort: `${next.sort.descending ? "-" : ""}${next.sort.key}`,
        }),
      },
      { replace: true },
    );
  };
  return { view, change, reset: () => setParams({}, { replace: true }) };
}

const KEYS: SortKey[] = ["name", "progress", "flight", "received", "answered", "duration"];

function sortOf(text: string | null): Sort {
  const key = KEYS.find((each) => each === text?.replace(/^-/, ""));
  return key ? { key, descending: text?.startsWith("-") ?? false } : { key: "status", descending: false };
}
