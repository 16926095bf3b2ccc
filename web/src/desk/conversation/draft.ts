/** What an agent has written of a conversation and not sent yet; a reload does not lose it. Pure. */
import type { DeskCall, Disposing } from "../../api/desk";
import { fromLocal } from "../../parts/campaign-settings/localTime";
import { timeProblem, type TimeProblem } from "../time";

export interface Draft {
  readonly attempt: string;
  readonly name: string | null;
  readonly notes: string;
  /** Of a callback: wall clock of the callee. */
  readonly local: string;
  readonly forMe: boolean;
}

export function newDraft(attempt: string): Draft {
  return { attempt, name: null, notes: "", local: "", forMe: false };
}

/** The one that was kept, if it is of this conversation. */
export function keptDraft(text: string | null, attempt: string): Draft {
  try {
    const kept = JSON.parse(text ?? "null") as Partial<Draft> | null;
    if (kept?.attempt === attempt) return { ...newDraft(attempt), ...kept };
  } catch {
    // Not ours.
  }
  return newDraft(attempt);
}

type Terms = Pick<DeskCall, "dispositions" | "callbacks" | "local_time_zone">;

export interface Missing {
  readonly name?: true;
  readonly notes?: true;
  readonly at?: TimeProblem;
}

/** What a draft lacks before it can be sent. */
export function missingOf(draft: Draft, call: Terms, now: number): Missing {
  const chosen = call.dispositions.find(({ name }) => name === draft.name);
  if (!chosen) return { name: true };
  const late =
    chosen.meaning === "callback"
      ? timeProblem(draft.local, call.local_time_zone, now, call.callbacks.days_max)
      : null;
  return {
    ...(chosen.notes === "required" && draft.notes.trim() === "" ? { notes: true } : {}),
    ...(late === null ? {} : { at: late }),
  };
}

/** As the server takes it; what does not belong to the disposition stays behind. */
export function asked(draft: Draft, call: Terms): Disposing {
  const isCallback = call.dispositions.some(
    ({ name, meaning }) => name === draft.name && meaning === "callback",
  );
  return {
    attempt: draft.attempt,
    name: draft.name ?? "",
    notes: draft.notes.trim(),
    callback_at: isCallback ? fromLocal(draft.local, call.local_time_zone) : null,
    for_me: isCallback && draft.forMe && call.callbacks.for_me,
  };
}
