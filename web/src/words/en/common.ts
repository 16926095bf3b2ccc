/** Words that several pages use. */
export default {
  product: "Caesura",
  cancel: "Cancel",
  close: "Close",
  save: "Save",
  retry: "Try again",
  more: "Show more",
  loading: "Loading",
  copy: "Copy",
  copied: "Copied",
  none: "none",
  notYet: "—",
  failedTitle: "This could not be loaded",
  awayHint: "Check that the Caesura server runs and that this machine reaches it.",
  skip: "Skip to the content",
  connection: {
    connecting: "Connecting",
    live: "Live",
    lost: "Connection lost",
    lostBanner: (since: string) =>
      `Connection lost at ${since}. What this page shows may be old. Trying to reconnect.`,
    lostPause: "Pausing is still tried when you ask for it.",
  },
  status: {
    draft: "Draft",
    running: "Running",
    pausing: "Pausing",
    paused: "Paused",
    terminating: "Terminating",
    terminated: "Terminated",
    completed: "Completed",
  },
} as const;
