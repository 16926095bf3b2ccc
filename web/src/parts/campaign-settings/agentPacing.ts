/** Whether a campaign's calls are for agents, and what changes where that does. Pure. */
import type { Settings } from "../../api/campaign";

export type Pacing = Settings["pacing"];
export type Kind = Pacing["kind"];
export const AGENT_KINDS = ["preview", "progressive", "predictive"] as const;

export function needsAgents(settings: Pick<Settings, "channel" | "pacing">): boolean {
  return settings.channel === "voice" && settings.pacing.kind !== "fixed";
}

const CEILING_OF_AGENTS = 1000; // conversations are among the calls: the agents are the narrower limit
const CEILING_OF_MESSAGES = 10;

/** The pacing of another kind, with what both kinds know. */
export function pacingOf(kind: Kind, before: Pacing): Pacing {
  if (kind === before.kind) return before;
  const { cps } = before;
  if (kind === "fixed") return { kind, cps, concurrency: CEILING_OF_MESSAGES };
  const shared =
    before.kind === "fixed"
      ? { concurrency: CEILING_OF_AGENTS, connect_within_s: 2, connect_counts_from: "answer" as const }
      : {
          concurrency: before.concurrency,
          connect_within_s: before.connect_within_s,
          connect_counts_from: before.connect_counts_from,
        };
  switch (kind) {
    case "preview":
      return { kind, cps, ...shared, countdown_s: null };
    case "progressive":
      return { kind, cps, ...shared };
    case "predictive":
      return { kind, cps, ...shared, abandonment_max: 0.03 };
  }
}
