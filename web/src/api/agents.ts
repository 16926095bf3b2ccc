/** Who takes conversations, for which campaigns, and what each does now. */
import { queryOptions } from "@tanstack/react-query";

import { api, type Answered, type Api, ask } from "./client";

export type Agent = Answered<Api<"AgentView">>;
export type AgentPhone = NonNullable<Agent["phone"]>;
export type LiveDesk = NonNullable<Agent["desk"]>;
export type CampaignAgent = Answered<Api<"CampaignAgent">>;
export type Assigned = Api<"AssignedAgent">;

export const agents = queryOptions({
  queryKey: ["agents"],
  queryFn: async () => (await ask(api.GET("/api/v1/agents"))).items as Agent[],
  refetchInterval: 2_000,
});

export const campaignAgents = (id: number) =>
  queryOptions({
    queryKey: ["campaign", id, "agents"],
    queryFn: async () => (await readAgents(id)) as CampaignAgent[],
    refetchInterval: 2_000,
  });

const readAgents = (campaign: number) =>
  ask(
    api.GET("/api/v1/campaigns/{campaign}/agents", {
      params: { path: { campaign: String(campaign) } },
    }),
  );

/** Exactly these. */
export const assignAgents = async (campaign: number, assigned: Assigned[]) =>
  (await ask(
    api.PUT("/api/v1/campaigns/{campaign}/agents", {
      params: { path: { campaign: String(campaign) } },
      body: assigned,
    }),
  )) as CampaignAgent[];

/** Into these campaigns and out of those; the others' assignments stay as they are. */
export async function moveAgent(name: string, into: number[], outOf: number[]): Promise<void> {
  for (const campaign of [...into, ...outOf]) {
    const now = ((await readAgents(campaign)) as CampaignAgent[]).map(
      ({ agent, priority, weight }) => ({ agent, priority, weight }),
    );
    const others = now.filter(({ agent }) => agent !== name);
    const mine = now.filter(({ agent }) => agent === name);
    const next = into.includes(campaign) ? (mine[0] ?? { agent: name, priority: 5, weight: 1 }) : null;
    await assignAgents(campaign, next === null ? others : [...others, next]);
  }
}

/** A new user, with a one-time password, or a user who shall take conversations too. */
export const addAgent = (who: { name: string } | { user: string }, skills: string[]) =>
  ask(api.POST("/api/v1/agents", { body: { ...who, skills } }));

interface Change {
  skills?: string[];
  retired?: boolean;
  /** null: their page has the sound. */
  phone?: AgentPhone | null;
}

export const changeAgent = (name: string, change: Change) =>
  ask(api.PATCH("/api/v1/agents/{name}", { params: { path: { name } }, body: change }));
