/** Sums over campaigns and over their charts. Pure. */
import type { CampaignReport } from "../../api/reports";

type Counted = Pick<
  CampaignReport,
  "received" | "answered" | "launched" | "average_duration_s" | "abandonment_rate" | "outcomes"
>;

export interface Total {
  received: number;
  answered: number;
  answer_rate: number | null;
  average_duration_s: number | null;
  abandonment_rate: number | null;
  outcomes: Record<string, number>;
}

/** All campaigns as one. Averages weigh by what they were averaged over. */
export function total(items: readonly Counted[]): Total {
  const outcomes: Record<string, number> = {};
  let received = 0;
  let answered = 0;
  let talkS = 0;
  let talks = 0;
  for (const item of items) {
    received += item.received;
    answered += item.answered;
    if (item.average_duration_s !== null) {
      talkS += item.average_duration_s * item.answered;
      talks += item.answered;
    }
    for (const [outcome, n] of Object.entries(item.outcomes)) {
      outcomes[outcome] = (outcomes[outcome] ?? 0) + n;
    }
  }
  const abandoned = outcomes["abandoned"] ?? 0;
  const persons = abandoned + (outcomes["answered"] ?? 0);
  return {
    received,
    answered,
    answer_rate: received > 0 ? answered / received : null,
    average_duration_s: talks > 0 ? talkS / talks : null,
    abandonment_rate: persons > 0 ? abandoned / persons : null,
    outcomes,
  };
}

export interface Bucket {
  start: string;
  received: number;
  answered: number;
}

/** Charts of several campaigns over the same time, on top of each other. */
export function stacked(charts: readonly { buckets: readonly Bucket[] }[]): Bucket[] {
  const sums = new Map<string, Bucket>();
  for (const { buckets } of charts) {
    for (const { start, received, answered } of buckets) {
      const sum = sums.get(start) ?? { start, received: 0, answered: 0 };
      sum.received += received;
      sum.answered += answered;
      sums.set(start, sum);
    }
  }
  return [...sums.values()].sort((a, b) => Date.parse(a.start) - Date.parse(b.start));
}
