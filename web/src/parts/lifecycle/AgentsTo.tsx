/** Whose calls the agents of a paused campaign take meanwhile. */
import { Select } from "@mantine/core";
import { useMemo } from "react";

import type { Campaign } from "../../live/state";
import { useLive } from "../../live/store";
import words from "../../words/en/lifecycle";

interface Props {
  /** The one that is paused. */
  campaign: Campaign;
  /** A campaign's id; null: their other campaigns. */
  value: string | null;
  onChange: (destination: string | null) => void;
}

const texts = words.destination;

export function AgentsTo({ campaign, value, onChange }: Props) {
  const campaigns = useLive((now) => now.campaigns);
  const running = useMemo(
    () =>
      [...campaigns.values()]
        .filter((each) => each.needs_agents && each.status === "running" && each.id !== campaign.id)
        .map(({ id, name }) => ({ value: String(id), label: name }))
        .sort((a, b) => a.label.localeCompare(b.label)),
    [campaigns, campaign.id],
  );
  return (
    <Select
      label={texts.label}
      description={running.length === 0 ? texts.none : texts.hint}
      placeholder={texts.others}
      data={running}
      value={value}
      onChange={onChange}
      disabled={running.length === 0}
      searchable
      clearable
    />
  );
}
