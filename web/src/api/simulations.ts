/** Simulated shifts: begun, followed, cancelled, and learnt from a campaign. */
import { queryOptions } from "@tanstack/react-query";

import { api, type Answered, type Api, ask } from "./client";

export type SimulationRequest = Api<"SimulationRequest">;
export type Simulation = Answered<Api<"SimulationView">>;
export type SimulatedPacing = Simulation["results"][number];
export type LearntShift = Api<"LearntShift">;

const POLL_MS = 400;

export const simulationOf = (id: string) =>
  queryOptions({
    queryKey: ["simulation", id],
    queryFn: () =>
      ask(api.GET("/api/v1/simulations/{simulation_id}", { params: { path: { simulation_id: id } } })),
    refetchInterval: ({ state }) => (state.data?.state === "running" ? POLL_MS : false),
  });

export function startSimulation(asked: SimulationRequest): Promise<Simulation> {
  return ask(api.POST("/api/v1/simulations", { body: asked }));
}

/** Its process has ended when this answers. */
export function cancelSimulation(id: string): Promise<unknown> {
  return ask(
    api.DELETE("/api/v1/simulations/{simulation_id}", { params: { path: { simulation_id: id } } }),
  );
}

/** What the campaign's calls say of a shift, with the hours of `zone`. */
export async function shiftLike(campaign: string, zone: string): Promise<LearntShift> {
  return (await ask(
    api.GET("/api/v1/campaigns/{campaign}/shift", {
      params: { path: { campaign }, query: { zone } },
    }),
  )) as LearntShift;
}
