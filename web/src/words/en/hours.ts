/** Words of activity hours as they stand now. */
export default {
  openness: { open: "Open", partly: "Partly open", closed: "Closed" },
  always: "Always open",
  until: (at: string, place: string) => `until ${at}, ${place}`,
  /** The city that an IANA name ends with. */
  place: (zone: string) => (zone.split("/").pop() ?? zone).replaceAll("_", " "),
} as const;
