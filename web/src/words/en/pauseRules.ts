/** Words of the rules by which a campaign pauses itself, and of their evidence. */
import { count, moment, percent, plural } from "../../parts/format";

const words = {
  price: {
    title: "Price",
    lead: "What calls cost, for the budget. Each call is paid for at the price of its end.",
    perMinute: "Per connected minute",
    increment: "Billed in steps of",
    incrementHint: "A step that has begun is paid in full.",
    perAttempt: "Per attempt",
    leadMessages: "What messages cost, for the budget, however many segments they have.",
    perMessage: "Per message",
    currency: "Currency",
  },
  rules: {
    title: "Pause rules",
    lead: "When the campaign pauses by itself. Somebody resumes it.",
    each: {
      carrier_failures: {
        name: "Carrier failures",
        means: "Pauses when too many calls fail at the carrier, of all or through one trunk.",
      },
      providers_down: {
        name: "Providers down",
        means: "Pauses when messages are due and no provider can be reached and lets us in. No lead is used up.",
      },
      abandonment: {
        name: "Abandonment",
        means: "Pauses when too many who picked up found nobody there. US limit: 3% in 30 days.",
      },
      answer_rate: {
        name: "Answer rate",
        means: "Pauses when far fewer people answer than in the hour before.",
      },
      no_agents: {
        name: "No agents",
        means: "Pauses when a campaign that needs agents has none available.",
      },
      budget: {
        name: "Budget",
        means: "Pauses when it is used up. A budget in attempts is never exceeded; one in money only by the calls in flight.",
      },
    },
    allowed: "Failures allowed",
    in30Days: "Allowed in 30 days",
    in24Hours: "Allowed in 24 hours",
    kept: "To be kept of its rate",
    window: "In the last",
    least: "Not before so many calls",
    agentsFor: "For",
    downFor: "For",
    carrierFailuresOfMessages: {
      name: "Failures",
      means: "Pauses when providers fail too many messages, of all or through one of them.",
    },
    leastMessages: "Not before so many messages",
    attempts: "Attempts in all",
    attemptsDay: "Attempts a day",
    cost: (currency: string) => `${currency} in all`,
    costDay: (currency: string) => `${currency} a day`,
    noLimit: "No limit",
    dayZone: "A day begins at midnight in",
    atMidnight: "At midnight",
    goesOn: "Resumes by itself",
    staysPaused: "Stays paused",
    /** How a rule stands at this moment. */
    now: (standing: StandingFacts): string => {
      const { holds, left, evidence } = standing;
      const parts = [`Now: ${evidence.sentence}`];
      if (holds) parts.push("pauses with the next look");
      else if (left !== null) parts.push(`${amount(left, evidence.unit)} left`);
      else if (isShort(evidence)) {
        parts.push(`says nothing before ${count(evidence.calls_min)} ${evidence.noun ?? "calls"}`);
      }
      return `${parts.join("; ")}.`;
    },
  },
  evidence: {
    seen: "Seen",
    before: "The hour before",
    allowed: "Allowed",
    since: "Counted since",
    downSince: "Down since",
    trunk: "Trunk",
    budget: "Budget",
    inFlight: "Cost not final yet",
    withoutAgents: "Without an agent",
    withoutProvider: "Without a provider",
  },
} as const;

export default words;

interface EvidenceFacts {
  rule: string;
  sentence: string;
  since: string | null;
  hits: number | null;
  calls: number | null;
  /** What `calls` counts, where that is not calls. */
  noun: string | null;
  share: number | null;
  bound: number | null;
  allowed: number | null;
  calls_min: number | null;
  before_hits: number | null;
  before_calls: number | null;
  before_share: number | null;
  before_bound: number | null;
  trunk: string | null;
  seconds: number | null;
  seconds_allowed: number | null;
  spent: string | null;
  limit: string | null;
  unit: string | null;
  in_flight: number | null;
}

interface StandingFacts {
  holds: boolean;
  left: string | null;
  evidence: Partial<EvidenceFacts> & { sentence: string };
}

/** Name, value and hint of each figure that a rule's receipt keeps; none where somebody paused. */
export function evidenceFacts(found: Partial<EvidenceFacts> | null): [string, string, string?][] {
  if (found === null) return [];
  const texts = words.evidence;
  const facts: [string, string, string?][] = [];
  const { hits, calls, share, bound, allowed } = found;
  if (is(hits) && is(calls)) {
    const side = found.rule === "answer_rate" ? "at most" : "at least";
    const sure = is(bound) ? `with 99.9% confidence ${side} ${percent(bound)}` : undefined;
    const seen = `${of(hits, calls, found.noun)}, ${percent(share)}`;
    facts.push(present(texts.seen, seen, sure));
  }
  if (is(found.before_hits) && is(found.before_calls)) {
    const sure = `with 99.9% confidence at least ${percent(found.before_bound)}`;
    const seen = `${of(found.before_hits, found.before_calls)}, ${percent(found.before_share)}`;
    facts.push(present(texts.before, seen, sure));
  }
  if (is(allowed)) facts.push([texts.allowed, percent(allowed)]);
  if (is(found.since)) {
    const name = found.rule === "providers_down" ? texts.downSince : texts.since;
    facts.push([name, moment(found.since, true)]);
  }
  if (is(found.trunk)) facts.push([texts.trunk, found.trunk]);
  if (is(found.seconds)) {
    const name = found.rule === "providers_down" ? texts.withoutProvider : texts.withoutAgents;
    facts.push([name, `${count(found.seconds)} s`]);
  }
  if (is(found.spent) && is(found.limit)) {
    const limit = amount(found.limit, found.unit);
    facts.push([texts.budget, `${amount(found.spent, found.unit)} of ${limit}`]);
    facts.push([texts.inFlight, plural(found.in_flight ?? 0, "call", "calls")]);
  }
  return facts;
}

function present(name: string, value: string, hint?: string): [string, string, string?] {
  return hint === undefined ? [name, value] : [name, value, hint];
}

function is<Value>(value: Value | null | undefined): value is Value {
  return value !== null && value !== undefined;
}

function of(hits: number, calls: number, noun: string | null | undefined = "calls"): string {
  const what = noun ?? "calls";
  return `${count(hits)} of ${plural(calls, what.replace(/s$/, ""), what)}`;
}

function isShort(evidence: Partial<EvidenceFacts>): evidence is { calls: number; calls_min: number } {
  const { calls, calls_min: least } = evidence;
  return is(calls) && is(least) && calls < least;
}

/** "1,000 attempts", "98.24 USD". */
function amount(value: string, unit: string | null | undefined): string {
  if (unit === "attempts") return plural(Number(value), "attempt", "attempts");
  const digits = { minimumFractionDigits: 2, maximumFractionDigits: 2 };
  return `${Number(value).toLocaleString("en", digits)} ${unit ?? ""}`.trim();
}
