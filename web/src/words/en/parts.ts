/** Words of the parts that several pages share. */
export default {
  refused: "That was refused",
  typeToConfirm: (name: string) => `Type ${name} to confirm`,
  undo: "Undo",
  undone: "Taken back.",
  shownOnce: "This is shown only now. Copy it before you close this window.",
  keptIt: "I have kept it",
  listen: (name: string) => `Listen to ${name}`,
  stopListening: (name: string) => `Stop ${name}`,
  cannotPlay: "cannot be played",
  region: "Country",
  anyRegion: "None: every number has its country code",
  search: "Search",
  nothingFound: "Nothing found",
} as const;
