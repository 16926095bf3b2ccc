/** Words of making a new campaign. */
import { plural } from "../../parts/format";

export default {
  title: "New campaign",
  leave: "Leave",
  steps: {
    name: "Name",
    lists: "Lists",
    message: "Message",
    numbers: "Numbers and trunks",
    hours: "Hours",
    pace: "Pace and retries",
    check: "What will happen",
    sending: "Senders and providers",
    conversation: "Conversation",
  },
  stepOf: (at: number, all: number, name: string) => `Step ${at} of ${all}: ${name}`,
  stepsLabel: "Steps",
  done: "done",
  back: "Back",
  next: "Next",
  name: {
    title: "What is the campaign called?",
    lead: "It stands on every page and in every receipt. You can change it later.",
    label: "Name",
    placeholder: "Spring renewal",
    digits: "A name needs more than digits.",
    taken: "There is a campaign of this name.",
  },
  lists: {
    title: "Whom does it reach?",
    lead: "One list or several. Somebody in two of them is reached once.",
    dropHint: "CSV or a workbook. You see what it becomes first.",
    use: "Use it in this campaign",
    contacts: (n: number) => plural(n, "contact", "contacts"),
    campaigns: (n: number) => (n === 0 ? "in no campaign" : `in ${plural(n, "campaign", "campaigns")}`),
    importing: "is being imported",
    total: (lists: number, contacts: number) =>
      `${plural(lists, "list", "lists")}, ${plural(contacts, "contact", "contacts")}`,
  },
  message: { chosen: "Chosen", upload: "Another recording" },
  numbers: { addTrunk: "Add a trunk", addNumber: "Add a number" },
  hours: {
    presets: "Usual hours",
    names: {
      law: "Every day 8–21",
      lawHint: "The callee's clock; the widest that US rules allow (47 CFR 64.1200).",
      office: "Weekdays 9–17",
      officeHint: "The callee's clock.",
      evening: "Weekdays 17–20, Saturdays 10–17",
      eveningHint: "When people are at home; the callee's clock.",
      always: "Always",
      alwaysHint: "For practice only.",
    },
    own: "Your own hours",
  },
  check: {
    title: "What will happen",
    lead: "If you start it now. Nothing is called before you do.",
    due: "due now",
    dueHint: (at: string) => `would be called from ${at} on`,
    waiting: "wait for their hours",
    waitingHint: (at: string | null) => (at ? `the first from ${at} on` : "never within a year"),
    excluded: "left out",
    excludedHint: { do_not_call: "do not call", duplicate: "in another list too" } as Record<
      string,
      string
    >,
    nobody: "nobody",
    perMinute: "calls a minute",
    perMinuteHint: (limit: "concurrency" | "cps", call: string, measured: boolean) =>
      limit === "cps"
        ? "as many as the starts per second allow"
        : measured
          ? `calls take ${call}, as measured here`
          : `if a call takes ${call}`,
    finish: "to call everybody once",
    finishAt: (at: string) => `about ${at}, closed hours included`,
    never: "never, at these hours",
    noRetries: "Retries come on top: how many there will be is not known before.",
    openings: "When the hours open",
    openingsLead: "For those who cannot be called at once.",
    zone: "Where",
    leads: "Leads",
    theirs: "Their clock",
    yours: (zone: string) => `Your clock (${zone})`,
    never400: "not within 400 days",
    missing: "Before it can start",
    missingLead: "You can keep it as a draft and do this later.",
    goTo: (step: string) => `Go to ${step}`,
    complete: "Nothing is missing.",
    create: "Keep as a draft",
    createAndStart: "Create and start",
    notMade: "The campaign was not made",
  },
} as const;
