/** Words of the numbers that must not be called. */
import { count, plural } from "../../parts/format";

const OVER: Record<string, string> = { voice: "calls", sms: "SMS", email: "e-mails" };

export default {
  title: "Do not call",
  lead: "Counts at once for every call and message that has not left yet, whatever a campaign's lists say.",
  add: "Add numbers",
  search: "How the number begins, as +1415",
  searchLabel: "Search by number",
  everywhere: "All campaigns' and everybody's",
  campaignLabel: "Only those of a campaign",
  emptyTitle: "Nobody asked not to be called yet",
  emptyHint:
    "Add the numbers of those who did. Callees who press the opt-out key, and those who reply STOP, come here by themselves.",
  nothingTitle: "No such number is kept here",
  nothingHint: (text: string) => `Nothing begins with ${text}: such numbers may be called and written to.`,
  phone: "Number",
  where: "Holds for",
  all: "all campaigns",
  channel: "Channel",
  channels: { voice: "Calls", sms: "SMS", email: "E-mail" } as Record<string, string>,
  allChannels: "all channels",
  source: "From",
  by: "Added by",
  at: "Added",
  actions: "What to do with it",
  remove: "Allow again",
  removeNamed: (phone: string, channel: string | null) =>
    channel === null ? `Allow ${phone} again` : `Allow ${phone} again: ${OVER[channel] ?? channel}`,
  removed: (phone: string, channel: string | null) =>
    channel === null || channel === "voice"
      ? `${phone} may be called again.`
      : `${phone} may be sent ${OVER[channel] ?? channel} again.`,
  form: {
    title: "Add numbers",
    numbers: "Numbers",
    numbersHint: "One or many: each on a line of its own, or with commas between.",
    counted: (n: number) => plural(n, "number", "numbers"),
    region: "Country of numbers without a country code",
    campaign: "Holds for",
    channel: "Over",
    source: "Where this comes from",
    sourceHint: "Kept with each number: a letter, an e-mail, a register.",
    sourceDefault: "by hand",
    add: (n: number) => (n > 1 ? `Add ${count(n)} numbers` : "Add the number"),
    added: (n: number, asked: number) =>
      n === asked
        ? `${plural(n, "number was", "numbers were")} added.`
        : `${plural(n, "number was", "numbers were")} added; ${count(asked - n)} had been here before.`,
    wrong: (text: string, why: string) => `${text}: ${why}`,
    tooMany: (most: number) => `At most ${count(most)} at once.`,
  },
} as const;
