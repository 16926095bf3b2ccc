/** What the wizard has so far, and which step a missing thing belongs to. Pure. */
import type { Settings } from "../../api/campaign";
import { needsAgents } from "../../parts/campaign-settings/agentPacing";

export const STEPS = ["name", "lists", "message", "numbers", "hours", "pace", "check"] as const;
export type Step = (typeof STEPS)[number];

export interface Draft {
  readonly name: string;
  readonly lists: readonly string[];
  readonly settings: Settings;
}

/** Why the name cannot be used; null if it can. */
export function nameProblem(name: string, taken: readonly string[]): "empty" | "digits" | "taken" | null {
  const plain = name.trim();
  if (plain === "") return "empty";
  if (/^\d+$/.test(plain)) return "digits";
  return taken.some((each) => each.toLowerCase() === plain.toLowerCase()) ? "taken" : null;
}

/** Whether a step has what it is there for; the last one never says so by itself. */
export function isDone(step: Step, draft: Draft, taken: readonly string[]): boolean {
  const { settings } = draft;
  switch (step) {
    case "name":
      return nameProblem(draft.name, taken) === null;
    case "lists":
      return draft.lists.length > 0;
    case "message":
      if (needsAgents(settings)) return settings.agents.dispositions.every(({ name }) => name.trim() !== "");
      return settings.channel === "voice"
        ? settings.message !== null
        : (settings.text?.template ?? "").trim() !== "";
    case "numbers":
      if (settings.channel === "voice") {
        return settings.calling_numbers.length > 0 && settings.trunks.length > 0;
      }
      return (settings.text?.senders.length ?? 0) > 0 && (settings.text?.providers.length ?? 0) > 0;
    case "hours":
      return settings.hours.always || Object.values(settings.hours.weekly).some((day) => day.length > 0);
    case "pace":
      return true;
    case "check":
      return false;
  }
}

/** Steps that are called otherwise in some campaigns. */
export type Title = Step | "sending" | "conversation";

export function titleOf(step: Step, { settings }: Pick<Draft, "settings">): Title {
  if (step === "numbers" && settings.channel !== "voice") return "sending";
  return step === "message" && needsAgents(settings) ? "conversation" : step;
}

/** The step where the field that the server names is set: "settings.trunks" is among the numbers. */
export function stepOf(field: string): Step {
  if (/^settings\.text\.(senders|providers)/.test(field)) return "numbers";
  const path = field.replace(/^settings\./, "").split(/[.[]/)[0];
  switch (path) {
    case "name":
      return "name";
    case "lists":
      return "lists";
    case "message":
    case "text":
    case "follow_ups":
    case "agents":
      return "message";
    case "calling_numbers":
    case "number_choice":
    case "trunks":
      return "numbers";
    case "hours":
    case "starts_at":
    case "ends_at":
      return "hours";
    default:
      return "pace";
  }
}
