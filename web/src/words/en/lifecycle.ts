/** Words of starting, pausing, resuming and terminating: buttons, dialogs, receipts. */
import { clock, count, countdown, latency, plural, secondsBetween, when } from "../../parts/format";

import messages from "./messages";

const calls = (n: number) => plural(n, "call", "calls");
const conversations = (n: number) => plural(n, "conversation", "conversations");

export default {
  pause: "Pause",
  resume: "Resume",
  start: "Start",
  terminate: "Terminate",
  pauseNamed: (name: string) => `Pause ${name}`,
  resumeNamed: (name: string) => `Resume ${name}`,
  startNamed: (name: string) => `Start ${name}`,
  pausing: "Pausing",
  hotkey: "Space or P",
  asking: "Asking the server to pause",
  stillTrying: (tries: number) =>
    `The server cannot be reached. Trying to pause, ${plural(tries, "try", "tries")} so far.`,
  stopTrying: "Stop trying",
  notPaused: (name: string) => `${name} was not paused`,
  notResumed: (name: string) => `${name} was not resumed`,
  notStarted: (name: string) => `${name} was not started`,
  gaveUp: "The server could not be reached for a minute. The campaign may still be dialling.",
  resumesIn: (seconds: number) => `Resumes in ${countdown(seconds)}`,
  resumesAt: (at: string) => `Resumes by itself at ${when(at)}`,
  someFailed: (failed: number, all: number) => `${count(failed)} of ${count(all)} failed`,
  pausedSeveral: (n: number) => `${plural(n, "campaign is", "campaigns are")} paused`,
  resumedSeveral: (n: number) => `${plural(n, "campaign was", "campaigns were")} resumed`,
  askedSeveral: (n: number) =>
    `The release of ${plural(n, "emergency stop", "emergency stops")} awaits a second person`,
  rampingUp: (now: number, full: number) => `ramping up: ${count(now)} of ${count(full)}`,
  fullSpeedAt: (at: string) => `Full speed at ${at}`,
  onCondition: "Resumes on a condition",

  destination: {
    label: "Its agents take calls of",
    hint: "Also those who are not assigned to it, if they have its skills. They come back at the resume.",
    none: "No other campaign with agents runs. Theirs, if any start meanwhile.",
    others: "their other campaigns",
    stands: (name: string) => `Meanwhile, its agents take calls of ${name}.`,
  },
  dialog: {
    title: (name: string) => `Pause ${name}?`,
    titleSeveral: (n: number) => `Pause ${plural(n, "campaign", "campaigns")}?`,
    titleAll: "Pause everything?",
    allHint: (n: number) =>
      n === 0
        ? "No campaign is running. What starts meanwhile is paused too."
        : `${plural(n, "running campaign stops", "running campaigns stop")}, on all channels, at once.`,
    silence: "No call leaves once the pause is confirmed, usually within 50 milliseconds.",
    inFlight: "In flight right now",
    ringing: "ringing",
    talking: "in conversation",
    drain: "What becomes of the calls that ring",
    howLong: "How long",
    untilResumed: "Until I resume",
    forMinutes: "For a time",
    untilTime: "Until a time",
    untilCondition: "Until something",
    condition: "Resume when",
    hoursOpen: "its activity hours open next",
    alwaysOpen: "its activity hours open next (they are always open)",
    anyTrunk: "one of its trunks is reachable",
    noTrunk: "one of its trunks is reachable (it has none)",
    oneTrunk: (name: string) => `trunk ${name} is reachable`,
    forSeconds: "For so many seconds",
    forPrefix: "for ",
    secondsWrong: "From 0 to 86,400 seconds.",
    conditionHint: {
      hours_open: "The next time that they open for anybody left, even if they are open now.",
      trunk_reachable:
        "Without a break, as a cell sees it. Never into closed hours: then at the opening.",
    },
    two: "Two persons release an emergency stop: one asks, another approves. No timer ends it.",
    minutes: "Minutes",
    time: (zone: string) => `Resume at (${zone})`,
    past: "This time has passed.",
    minutesWrong: "From 1 to 1,440 minutes.",
    resumesThen: (at: Date) => `Resumes by itself at ${when(at)}, if activity hours allow.`,
    reason: "Reason",
    reasonHint: "Goes into the receipt and the history. May stay empty.",
    dontAsk: "Do not ask me again",
    dontAskHint: "The button then pauses at once, with this campaign's usual drain.",
    confirm: "Pause",
    confirmAll: "Pause everything",
    hangUpSure: (n: number) =>
      n === 0
        ? "Yes, hang up any conversation that begins meanwhile"
        : `Yes, hang up ${conversations(n)} in the middle`,
    hangUpFirst: "Tick the box above to hang up conversations.",
  },
  drains: {
    finish_lawfully: "Finish lawfully",
    cancel_now: "Cancel ringing now",
    let_ring: "Let ring",
    hang_up_all: "Hang up everything",
  },
  /** What a drain does, where the figures are not known: for several campaigns. */
  drainsDo: {
    finish_lawfully:
      "Each call may ring until its minimum is reached, then it is cancelled. Who answers before hears the message.",
    cancel_now:
      "Every ringing call stops at once, also below the minimum ring time that US rules ask for (16 CFR 310.4).",
    let_ring: "Each call may ring to its timeout. Who answers hears the message.",
    hang_up_all: "Ringing calls are cancelled and conversations cut. Those people were abandoned.",
  },
  /** What a drain would do at this moment. */
  drainWould: {
    nothing: "Nothing rings now.",
    cancelled: (n: number) => `${calls(n)} cancelled at once`,
    below: (n: number, minimum: number) =>
      `${count(n)} of them rang less than the ${minimum} s that US rules ask for (16 CFR 310.4)`,
    goOn: (n: number, seconds: number) =>
      `${calls(n)} may ring up to ${Math.ceil(seconds)} s more; who answers hears the message`,
    cut: (n: number) => `${conversations(n)} cut in the middle`,
    talk: (n: number) => `${conversations(n)} ${n === 1 ? "goes" : "go"} on`,
  },
  usual: "usual here",

  resumeDialog: {
    title: (name: string) => `Resume ${name}?`,
    changed: "Changed during the pause",
    missed: (n: number) =>
      `${plural(n, "promised callback fell", "promised callbacks fell")} into the pause`,
    missedMore: (n: number) => `And ${count(n)} more.`,
    missedThen: "They are due at once, as soon as hours allow.",
    promisedBy: (agent: string) => `promised by ${agent}`,
    by: (who: string, at: string) => `by ${who}, ${when(at)}`,
    setting: "Setting",
    before: "Before the pause",
    now: "Now",
    lists: "Other lists",
    doNotCall: (numbers: number, leads: number) =>
      `${plural(numbers, "number", "numbers")} added to do-not-call, ${plural(leads, "lead", "leads")} of this campaign among them`,
    checked: "Do-not-call, hours and caps are checked anew for every lead.",
    confirm: "Resume",
    rampUp: (seconds: number) =>
      seconds === 0
        ? "It is at full speed at once."
        : `It begins with one call and is at full speed after ${count(seconds)} s.`,
  },

  resumption: {
    change: "Change",
    title: (name: string) => `When does ${name} resume?`,
    save: "Save",
    changed: (who: string, at: string) => `Changed by ${who}, ${when(at)}.`,
  },

  release: {
    stopped: (who: string, at: string) => `Emergency stop by ${who}, ${when(at)}.`,
    two: "Two persons release it: one asks with the play button, another approves.",
    asks: (who: string) =>
      `${who} asks to release the emergency stop; a second person must approve.`,
    youAsked: "You have asked to release the emergency stop; another person must approve.",
    until: (at: string) => `Until ${when(at)}.`,
    why: (reason: string) => `“${reason}”`,
    look: "Look and approve",
    withdraw: "Withdraw",
    turnDown: "Turn down",
    withdrawn: "The request was withdrawn. The campaign stays paused.",
    title: (name: string) => `Release the emergency stop of ${name}?`,
    approve: "Approve and resume",
    nothingChanged: "Nothing was changed during the pause.",
    awaits: "awaits approval",
    several: (who: string, n: number) =>
      n === 1
        ? `${who} asks to release the emergency stop of 1 campaign; a second person must approve.`
        : `${who} asks to release the emergency stop of ${count(n)} campaigns; a second person must approve.`,
    approveAll: (n: number) => (n === 1 ? "Approve" : `Approve all ${count(n)}`),
    sure: (n: number) => `Release ${plural(n, "campaign", "campaigns")}?`,
    sureHint: "They resume at once. Do-not-call, hours and caps are checked anew for every lead.",
  },

  terminateDialog: {
    title: (name: string) => `Terminate ${name}?`,
    lead: "This ends the campaign for good. It cannot be resumed or started again.",
    lost: "What will not happen any more",
    leads: (due: number, waiting: number) =>
      `${plural(due, "lead is", "leads are")} due and ${count(waiting)} wait for a retry: they will not be called.`,
    flight: (ringing: number, talking: number) =>
      `${plural(ringing, "call rings", "calls ring")} and ${plural(talking, "conversation goes", "conversations go")} on: ringing calls finish as in a pause, conversations end by themselves.`,
    kept: "Calls, figures, history and receipts stay readable.",
    type: (name: string) => `Type ${name} to confirm`,
    reason: "Reason",
    confirm: "Terminate for good",
  },

  receipt: {
    title: "Receipt",
    full: "Full receipt",
    /** The pause in one line; `flight` is what of the campaign is still on the wire now. */
    line: (
      receipt: ReceiptFacts,
      flight: { ringing: number; talking: number },
      voice = true,
    ): string => {
      const verb = receipt.kind === "terminate" ? "Terminated" : "Paused";
      const calls = voice
        ? [ringingOf(receipt, flight.ringing), talkingOf(receipt, flight.talking)]
        : [flight.ringing > 0 ? messages.receipt.flight(flight.ringing) : ""];
      const why = receipt.evidence?.sentence ?? "";
      const silence = silenceOf(receipt, voice ? "call" : "message");
      const facts = [why, silence, calls.filter((part) => part !== "").join(", ")];
      const text = facts.filter((part) => part !== "").join("; ");
      return `${verb} ${clock(receipt.requested_at)} by ${receipt.actor} — ${text}.`;
    },
    number: "Number",
    kind: "What",
    parts: "Part",
    kinds: { pause: "Pause", terminate: "Termination", part: "Pause of a part" } as Record<string, string>,
    actor: "By",
    reason: "Reason",
    noReason: "none given",
    requested: "Asked for",
    lastLaunch: "Last call left",
    noLaunch: "none was running",
    confirmed: "Silence confirmed",
    confirmedBy: {
      acknowledgement: "acknowledged",
      expiry: "its lease expired: it had stopped by itself",
    } as Record<string, string>,
    completed: "Last call ended",
    notYet: "not yet",
    drain: "Ringing calls",
    emergency: "Emergency stop",
    emergencyYes: "yes, with everything",
    ends: "To end by itself",
    endsNot: "no",
    notBefore: (at: string) => `not before ${when(at)}`,
    atOpening: "at the next opening of its hours",
    whenTrunk: (name: string | null, seconds: number) =>
      `when ${name === null ? "one of its trunks" : `trunk ${name}`} is reachable for ${count(seconds)} s`,
    inFlight: "In flight at the request",
    inFlightValue: (ringing: number, talking: number) =>
      `${count(ringing)} ringing, ${count(talking)} talking`,
    cancelled: "Cancelled",
    goOn: "Conversations that went on",
    returned: "Leads returned unlaunched",
    digest: "Configuration",
    unchanged: "unchanged by the pause",
    changedAfter: "differs after the pause",
    digestHint: "SHA-256 over settings and lists, before and after",
    cells: "Cells",
    node: "Node",
    after: (ms: number) => `${latency(ms)} after`,
    before: (ms: number) => `${latency(ms)} before`,
  },
} as const;

export interface ReceiptFacts {
  kind: string;
  actor: string;
  requested_at: string;
  confirmed_at: string | null;
  last_launch_at: string | null;
  cancelled: number;
  conversations_left: number;
  /** Why a rule paused; none where somebody did. */
  evidence?: { sentence: string } | null | undefined;
}

function silenceOf(receipt: ReceiptFacts, what: string): string {
  const after = (at: string) => secondsBetween(receipt.requested_at, at) * 1000;
  const launched = receipt.last_launch_at === null ? null : after(receipt.last_launch_at);
  const click = receipt.evidence ? "that" : "the click";
  const left =
    launched === null || launched <= 0
      ? `no ${what} left after ${click}`
      : `last ${what} left ${latency(launched)} after ${click}`;
  if (receipt.confirmed_at === null) return `${left}, silence is not confirmed yet`;
  return `${left}, silence confirmed after ${latency(after(receipt.confirmed_at))}`;
}

function ringingOf({ cancelled }: ReceiptFacts, ringing: number): string {
  if (ringing > 0) return plural(ringing, "call still rings", "calls still ring");
  if (cancelled === 0) return "";
  return `${plural(cancelled, "ringing call", "ringing calls")} cancelled`;
}

function talkingOf({ conversations_left: left }: ReceiptFacts, talking: number): string {
  if (talking > 0) return plural(talking, "conversation goes on", "conversations go on");
  return left === 0 ? "" : `${plural(left, "conversation", "conversations")} went on to the end`;
}
