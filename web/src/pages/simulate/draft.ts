/** The form of a simulation, and what of it is asked of the server. Pure. */
import type { LearntShift, SimulationRequest } from "../../api/simulations";

/** A length of time: spread around a mean, or drawn from what was measured. */
export interface Length {
  mean: number;
  samples: number[] | null;
}

export interface Break {
  at: string;
  minutes: number;
}

/** Agents with the same hours; "" is when the shift begins, or ends. */
export interface Group {
  agents: number;
  login: string;
  logout: string;
  breaks: Break[];
}

export interface Rate {
  /** From when on; of the first it means nothing. */
  at: string;
  percent: number;
}

export interface Draft {
  starts: string;
  hours: number;
  groups: Group[];
  rates: Rate[];
  ring: Length;
  ringTimeout: number;
  talk: Length;
  wrap: Length;
  /** null: they do not run out. */
  leads: number | null;
  tries: number;
  retryMinutes: number;
  targetPercent: number;
  waitS: number;
  seed: number;
  pacings: Choice[];
  ratio: number;
  /** The campaign that it was filled in from. */
  like: { campaign: string; calls: number; zone: string } | null;
}

export const CHOICES = ["predictive", "progressive", "ratio", "best-ratio", "clairvoyant"] as const;
export type Choice = (typeof CHOICES)[number];

export const NEW_GROUP: Group = { agents: 10, login: "12:00", logout: "16:00", breaks: [] };

export const FIRST: Draft = {
  starts: "09:00",
  hours: 8,
  groups: [
    {
      agents: 20,
      login: "",
      logout: "",
      breaks: [
        { at: "10:30", minutes: 15 },
        { at: "12:30", minutes: 30 },
      ],
    },
  ],
  rates: [{ at: "00:00", percent: 25 }],
  ring: { mean: 9, samples: null },
  ringTimeout: 30,
  talk: { mean: 120, samples: null },
  wrap: { mean: 15, samples: null },
  leads: null,
  tries: 3,
  retryMinutes: 60,
  targetPercent: 3,
  waitS: 2,
  seed: 1,
  pacings: ["predictive", "progressive"],
  ratio: 2.5,
  like: null,
};

export function requestOf(draft: Draft): SimulationRequest {
  return {
    shift: {
      name: draft.like === null ? "shift" : `like ${draft.like.campaign}`.slice(0, 200),
      starts_at: draft.starts,
      hours: draft.hours,
      groups: draft.groups.map(({ agents, login, logout, breaks }) => ({
        agents,
        login: login || null,
        logout: logout || null,
        breaks: breaks.map((each) => ({ ...each })),
      })),
      answer_rate: draft.rates.map(({ at, percent }, index) => ({
        at: index === 0 ? 0 : at,
        rate: hundredth(percent),
      })),
      ring_s: lengthOf(draft.ring),
      ring_timeout_s: draft.ringTimeout,
      talk_s: lengthOf(draft.talk),
      wrap_s: lengthOf(draft.wrap),
      leads: draft.leads,
      tries: draft.tries,
      retry_s: draft.retryMinutes * 60,
      abandonment_max: hundredth(draft.targetPercent),
      wait_s: draft.waitS,
      seed: draft.seed,
    },
    pacings: CHOICES.filter((choice) => draft.pacings.includes(choice)).map((choice) =>
      choice === "ratio" ? `ratio:${draft.ratio}` : choice,
    ),
  };
}

/** The draft with what the campaign's calls taught; all else stays. */
export function filledFrom(draft: Draft, learnt: LearntShift, campaign: string): Draft {
  const { shift } = learnt;
  const rates = shift.answer_rate as { at: number; rate: number }[] | undefined;
  const target = shift.abandonment_max;
  const [group] = draft.groups;
  const agents = shift.groups?.[0]?.agents;
  return {
    ...draft,
    rates: rates?.map(({ at, rate }) => ({ at: clockOf(at), percent: round(100 * rate) })) ?? draft.rates,
    ring: measured(shift.ring_s) ?? draft.ring,
    ringTimeout: shift.ring_timeout_s ?? draft.ringTimeout,
    talk: measured(shift.talk_s) ?? draft.talk,
    wrap: measured(shift.wrap_s) ?? draft.wrap,
    leads: shift.leads ?? draft.leads,
    targetPercent: target === undefined ? draft.targetPercent : round(100 * target),
    waitS: shift.wait_s ?? draft.waitS,
    groups:
      agents === undefined || group === undefined || draft.groups.length > 1
        ? draft.groups
        : [{ ...group, agents }],
    like: { campaign, calls: learnt.calls, zone: learnt.zone },
  };
}

/** Agents times hours that are computed, without the tries of the best ratio. */
export function agentHours(draft: Draft): number {
  return draft.groups.reduce((sum, { agents }) => sum + agents, 0) * draft.hours;
}

export function average(length: Length): number {
  const { samples } = length;
  if (samples === null || samples.length === 0) return length.mean;
  return samples.reduce((sum, each) => sum + each, 0) / samples.length;
}

/** 34200 → "09:30" */
export function clockOf(seconds: number): string {
  const minutes = Math.round(seconds / 60);
  const two = (value: number): string => String(value).padStart(2, "0");
  return `${two(Math.floor(minutes / 60) % 24)}:${two(minutes % 60)}`;
}

/** A draft that was put away as text; null if it is none of ours. */
export function draftOf(text: string | null): Draft | null {
  if (text === null) return null;
  try {
    const found = JSON.parse(text) as Partial<Draft> | null;
    const known = found !== null && Object.keys(FIRST).every((key) => key in found);
    return known ? (found as Draft) : null;
  } catch {
    return null;
  }
}

function lengthOf({ mean, samples }: Length) {
  return samples === null ? { mean } : { mean, samples };
}

function measured(spread: unknown): Length | null {
  const samples = (spread as { samples?: number[] | null } | undefined)?.samples;
  if (!samples || samples.length === 0) return null;
  const mean = samples.reduce((sum, each) => sum + each, 0) / samples.length;
  return { mean: round(mean), samples };
}

function hundredth(percent: number): number {
  return Math.round(percent * 100) / 10_000;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
