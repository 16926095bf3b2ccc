/** Words of the numbers that must not be called. */
import { count, plural } from "../../parts/format";

export default {
  title: "Do not call",
  lead: "Counts at once for every call that is not on the wire yet, whatever a campaign's lists say.",
  add: "Add numbers",
  search: "How the number begins, as +1415",
  searchLabel: "Search by number",
  everywhere: "All campaigns' and everybody's",
  campaignLabel: "Only those of a campaign",
  emptyTitle: "Nobody asked not to be called yet",
  emptyHint: "Add the numbers of those who did. Callees who press the opt-out key come here by themselves.",
  nothingTitle: "No such number is kept here",
  nothingHint: (text: string) => `Nothing begins with ${text}: such numbers may be called.`,
  phone: "Number",
  where: "Holds for",
  all: "all campaigns",
  source: "From",
  by: "Added by",
  at: "Added",
  actions: "What to do with it",
  remove: "Allow calls again",
  removeNamed: (phone: string) => `Allow calls to ${phone} again`,
  removed: (phone: string) => `${phone} may be called again.`,
  form: {
    title: "Add numbers",
    numbers: "Numbers",
    numbersHint: "One or many: each on a line of its own, or with commas between.",
    counted: (n: number) => plural(n, "number", "numbers"),
    region: "Country of numbers without a country code",
    campaign: "Holds for",
    source: "Where this comes from",
    sourceHint: "Kept with each number: a letter, an e-mail, a register.",
    sourceDefault: "by hand",
    add: (n: number) => (n > 1 ? `Add ${count(n)} numbers` : "Add the number"),
    added: (n: number, asked: number) =>
      n === asked
        ? `${plural(n, "number is", "numbers are")} called no more.`
        : `${plural(n, "number is", "numbers are")} called no more; ${count(asked - n)} had been here before.`,
    wrong: (text: string, why: string) => `${text}: ${why}`,
    tooMany: (most: number) => `At most ${count(most)} at once.`,
  },
} as const;
