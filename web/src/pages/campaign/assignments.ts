/** A campaign's agents as they are, and as somebody is about to have them. Pure. */
import type { Agent, Assigned, CampaignAgent } from "../../api/agents";

export function assignedOf(current: readonly CampaignAgent[]): Assigned[] {
  return current.map(({ agent, priority, weight }) => ({ agent, priority, weight }));
}

/** How many agents come, go, or get another priority or weight. */
export function changesOf(before: readonly Assigned[], after: readonly Assigned[]): number {
  const was = new Map(before.map((each) => [each.agent, each]));
  const changed = after.filter((each) => {
    const old = was.get(each.agent);
    return !old || old.priority !== each.priority || old.weight !== each.weight;
  });
  const gone = before.filter(({ agent }) => !after.some((each) => each.agent === agent));
  return changed.length + gone.length;
}

export interface Row {
  agent: string;
  priority: number;
  weight: number;
  lacks: string[];
  disabled: boolean;
  retired: boolean;
  desk: CampaignAgent["desk"];
}

/** What the table shows: the draft, with what is known of each. */
export function rowsOf(
  assigned: readonly Assigned[],
  current: readonly CampaignAgent[],
  everybody: readonly Agent[],
): Row[] {
  return assigned
    .map(({ agent, priority = 5, weight = 1 }) => {
      const here = current.find((each) => each.agent === agent);
      const known = here ?? everybody.find(({ name }) => name === agent);
      return {
        agent,
        priority,
        weight,
        lacks: here?.lacks ?? [],
        disabled: known?.disabled ?? false,
        retired: known?.retired ?? false,
        desk: known?.desk ?? null,
      };
    })
    .sort((a, b) => a.agent.localeCompare(b.agent));
}
