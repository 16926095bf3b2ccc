/** Words of pausing and resuming parts of a campaign. */
import { plural, when } from "../../parts/format";

const scopes: Record<string, string> = {
  list: "Lists",
  region: "States",
  zone: "Time zones",
  calling_number: "Calling numbers",
  trunk: "Trunks",
};

const one: Record<string, string> = {
  list: "List",
  region: "State",
  zone: "Time zone",
  calling_number: "Calling number",
  trunk: "Trunk",
  channel: "Channel",
};

const leads = (n: number) => plural(n, "lead", "leads");

export default {
  whole: "Whole campaign",
  part: "A part of it",
  what: "What to pause",
  picker: "Which parts",
  pickerHint: "A list, state, time zone, calling number or trunk",
  pickerEmpty: "Choose at least one part.",
  loading: "Loading",
  nothingFound: "Nothing found",
  pausedAlready: "paused already",
  scopes,
  named: (scope: string, value: string) => `${one[scope] ?? scope} ${value}`,
  leads,
  ringing: (n: number) => `${n} ringing`,
  talking: (n: number) => `${n} talking`,
  /** What several parts cover together; where they overlap, at most. */
  covers: (
    what: { leads: number | null; ringing: number; talking: number },
    parts: number,
  ): string => {
    const most = parts > 1 ? "at most " : "";
    const held = what.leads === null ? [] : [leads(what.leads)];
    const all = [
      ...held,
      plural(what.ringing, "ringing call", "ringing calls"),
      plural(what.talking, "conversation", "conversations"),
    ];
    return `Covers ${most}${all.join(", ")}. Everybody else is called as before.`;
  },
  promise: "No call of it leaves once the pause is confirmed. The rest goes on.",
  drainHint: "For the calls of these parts alone.",
  confirm: "Pause this part",
  pausePart: "Pause a part …",
  title: "Paused parts",
  titleOf: (n: number) => (n === 1 ? "A part is paused" : `${n} parts are paused`),
  badge: (n: number) => plural(n, "part paused", "parts paused"),
  since: (at: string, actor: string) => `since ${when(at)}, by ${actor}`,
  confirming: "waiting for every cell to confirm",
  receipt: "Receipt",
  resume: "Resume",
  resumeNamed: (part: string) => `Resume ${part}`,
  notResumed: (part: string) => `${part} was not resumed`,
} as const;
