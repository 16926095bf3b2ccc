import { useMemo } from "react";

import { useLive } from "../live/store";

/** The names of all campaigns, to choose from. */
export function useCampaignNames(): string[] {
  // Figures change all the time, names hardly ever: compare the text, not the map.
  const text = useLive((now) => [...now.campaigns.values()].map(({ name }) => name).join("\n"));
  return useMemo(
    () => text.split("\n").filter((name) => name !== "").sort((a, b) => a.localeCompare(b)),
    [text],
  );
}
