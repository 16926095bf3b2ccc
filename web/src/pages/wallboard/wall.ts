/** What the wallboard shows, and on which of its pages. Pure. */
import type { Api } from "../../api/client";
import type { Campaign } from "../../live/state";

type Status = Campaign["status"];
type Promised = Pick<Api<"PromiseView">, "pauses" | "alarms">;

/** In this order: what changes at this moment, what dials, what stands still. */
const ORDER: Partial<Record<Status, number>> = {
  pausing: 0,
  terminating: 0,
  running: 1,
  paused: 2,
};

const byName = new Intl.Collator().compare;

/** The campaigns that a wallboard is about. A campaign keeps its place while its status stays. */
export function onTheWall(campaigns: Iterable<Campaign>): Campaign[] {
  const rank = (campaign: Campaign) => ORDER[campaign.status] ?? 9;
  return [...campaigns]
    .filter(({ status }) => status in ORDER)
    .sort((a, b) => rank(a) - rank(b) || byName(a.name, b.name) || a.id - b.id);
}

export interface Totals {
  readonly running: number;
  readonly paused: number;
  readonly ringing: number;
  readonly talking: number;
}

/** Over all campaigns: a paused or ended one may still have conversations. */
export function totals(campaigns: Iterable<Campaign>): Totals {
  const sum = { running: 0, paused: 0, ringing: 0, talking: 0 };
  for (const { status, in_flight: flight } of campaigns) {
    if (status === "running") sum.running += 1;
    if (status === "paused" || status === "pausing") sum.paused += 1;
    sum.ringing += flight.ringing;
    sum.talking += flight.talking;
  }
  return sum;
}

const ROWS_MIN = 3;

/**
 * How many campaigns fit on a screen of that height without scrolling. Rows, and what stands above
 * and below them, grow with it as Wallboard.module.css says.
 */
export function rowsThatFit(heightPx: number): number {
  const around = 0.4 * heightPx + 25;
  const row = Math.min(64, Math.max(36, 0.0455 * heightPx));
  return Math.max(ROWS_MIN, Math.floor((heightPx - around) / row));
}

/** The rows of page `page` (from 0, whatever it was turned to), and how many pages there are. */
export function pageOf<Row>(
  rows: readonly Row[],
  page: number,
  perPage: number,
): { rows: Row[]; page: number; pages: number } {
  const pages = Math.max(1, Math.ceil(rows.length / perPage));
  const shown = ((page % pages) + pages) % pages;
  return { rows: rows.slice(shown * perPage, (shown + 1) * perPage), page: shown, pages };
}

/** How the pause promise is kept: by the thresholds of the system settings. */
export function kept(promised: Promised | undefined): "unknown" | "none" | "kept" | "broken" {
  if (promised === undefined) return "unknown";
  if (promised.alarms.length > 0) return "broken";
  return promised.pauses === 0 ? "none" : "kept";
}
