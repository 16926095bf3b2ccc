/** Which campaigns the list shows, in which order. Pure. */
import type { Campaign } from "../../live/state";

export type Filter = "all" | "running" | "paused" | "draft" | "ended";
export const FILTERS: readonly Filter[] = ["all", "running", "paused", "draft", "ended"];

export type SortKey = "status" | "name" | "progress" | "flight" | "received" | "answered" | "duration";
export interface Sort {
  key: SortKey;
  descending: boolean;
}

const GROUP: Record<Campaign["status"], Exclude<Filter, "all">> = {
  running: "running",
  pausing: "paused",
  paused: "paused",
  draft: "draft",
  terminating: "ended",
  completed: "ended",
  terminated: "ended",
};
// What needs eyes comes first.
const RANK: Record<Campaign["status"], number> = {
  pausing: 0,
  terminating: 1,
  running: 2,
  paused: 3,
  draft: 4,
  completed: 5,
  terminated: 6,
};

export function groupOf(campaign: Campaign): Exclude<Filter, "all"> {
  return GROUP[campaign.status];
}

export function shown(
  campaigns: Iterable<Campaign>,
  filter: Filter,
  search: string,
  sort: Sort,
): Campaign[] {
  const wanted = search.trim().toLocaleLowerCase();
  const fits = (campaign: Campaign): boolean =>
    (filter === "all" || groupOf(campaign) === filter) &&
    (wanted === "" ||
      campaign.name.toLocaleLowerCase().includes(wanted) ||
      campaign.lists.some((list) => list.toLocaleLowerCase().includes(wanted)));
  return [...campaigns].filter(fits).sort(by(sort));
}

function by({ key, descending }: Sort): (a: Campaign, b: Campaign) => number {
  const way = descending ? -1 : 1;
  const value = VALUE[key];
  return (a, b) => {
    const [x, y] = [value(a), value(b)];
    const order =
      typeof x === "string" && typeof y === "string"
        ? x.localeCompare(y, undefined, { numeric: true })
        : Number(x) - Number(y);
    // The same order for the same values, whatever the direction.
    return way * order || names(a, b);
  };
}

const names = (a: Campaign, b: Campaign): number =>
  a.name.localeCompare(b.name, undefined, { numeric: true }) || a.id - b.id;

const VALUE: Record<SortKey, (campaign: Campaign) => number | string> = {
  status: (campaign) => RANK[campaign.status],
  name: (campaign) => campaign.name,
  progress: (campaign) => campaign.progress ?? -1,
  flight: (campaign) => campaign.in_flight.ringing + campaign.in_flight.talking,
  received: (campaign) => campaign.received,
  answered: (campaign) => campaign.answered,
  duration: (campaign) => campaign.average_duration_s ?? -1,
};

/** Whether the order can change with figures, and not only with names and states. */
export function isByFigures(sort: Sort): boolean {
  return sort.key !== "name" && sort.key !== "status";
}
