/** Words of the list of campaigns. */
import { count, plural } from "../../parts/format";

export default {
  title: "Campaigns",
  create: "New campaign",
  pauseEverything: "Pause everything",
  summary: (running: number, paused: number, calls: number) =>
    [
      `${count(running)} running`,
      ...(paused > 0 ? [`${count(paused)} paused`] : []),
      plural(calls, "call in progress", "calls in progress"),
    ].join(" · "),
  search: "Search by name or list",
  filter: "Status",
  filters: {
    all: "All",
    running: "Running",
    paused: "Paused",
    draft: "Drafts",
    ended: "Ended",
  },
  sortBy: "Sort by",
  table: "Campaigns",
  selectAll: "Select all that are shown",
  select: (name: string) => `Select ${name}`,
  columns: {
    name: "Campaign",
    status: "Status",
    progress: "Progress",
    flight: "In progress",
    received: "Received",
    answered: "Answered",
    duration: "Avg. duration",
    agents: "Agents",
    hours: "Hours",
    action: "Pause or resume",
  },
  since: (at: string) => `since ${at}`,
  leadsLeft: (left: number) => plural(left, "lead left", "leads left"),
  noLeads: "no leads yet",
  flight: (ringing: number, talking: number) =>
    `${count(ringing)} ringing, ${count(talking)} talking`,
  message: "Message",
  messageHint: "Plays a recorded message; needs no agents",
  noLists: "no list",
  selected: (n: number) => `${count(n)} selected`,
  clear: "Clear selection",
  pauseSelected: "Pause",
  resumeSelected: "Resume",
  emptyTitle: "No campaign yet",
  emptyHint:
    "A campaign takes a list of people, a trunk to call through, a number to show and a message. Import a list first, then make the campaign.",
  emptyLists: "Import a list",
  noneTitle: "No campaign fits",
  noneHint: "Nothing has this name and status.",
  noneReset: "Show all",
  more: (n: number) => `Show ${count(n)} more`,
} as const;
