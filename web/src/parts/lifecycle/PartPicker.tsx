/** Which parts of a campaign: lists, states, zones, numbers, trunks, with what each covers now. */
import { MultiSelect, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";

import { type Part, partsOf } from "../../api/campaign";
import words from "../../words/en/holds";
import { count } from "../format";
import classes from "./Dialogs.module.css";
import { covered, keyOf, type PartName, SCOPES } from "./parts";

interface Props {
  campaign: number;
  value: readonly PartName[];
  onChange: (parts: PartName[]) => void;
  error: string | null;
}

export function PartPicker({ campaign, value, onChange, error }: Props) {
  const found = useQuery(partsOf(campaign));
  const parts = found.data ?? [];
  const byKey = new Map(parts.map((part) => [keyOf(part), part]));
  const groups = SCOPES.map((scope) => ({
    group: words.scopes[scope],
    items: parts
      .filter((part) => part.scope === scope)
      .map((part) => ({ value: keyOf(part), label: part.value, disabled: part.paused })),
  })).filter((each) => each.items.length > 0);
  const chosen = value.map((part) => byKey.get(keyOf(part))).filter((part) => part !== undefined);
  return (
    <div>
      <MultiSelect
        label={words.picker}
        placeholder={value.length === 0 ? words.pickerHint : undefined}
        data={groups}
        value={value.map(keyOf)}
        onChange={(keys) => onChange(keys.flatMap((key) => byKey.get(key) ?? []))}
        renderOption={({ option }) => <Option part={byKey.get(option.value)} />}
        nothingFoundMessage={found.isPending ? words.loading : words.nothingFound}
        error={error}
        searchable
        hidePickedOptions
        maxDropdownHeight={260}
        comboboxProps={{ withinPortal: true }}
      />
      {chosen.length > 0 && (
        <Text size="xs" c="dimmed" mt={6} aria-live="polite">
          {words.covers(covered(chosen), chosen.length)}
        </Text>
      )}
    </div>
  );
}

function Option({ part }: { part: Part | undefined }) {
  if (part === undefined) return null;
  const facts = [
    ...(part.leads === null ? [] : [words.leads(part.leads)]),
    ...(part.ringing > 0 ? [words.ringing(part.ringing)] : []),
    ...(part.talking > 0 ? [words.talking(part.talking)] : []),
  ];
  return (
    <span className={classes.part}>
      <span>{part.value}</span>
      <span className="dim num">{part.paused ? words.pausedAlready : facts.join(" · ") || count(0)}</span>
    </span>
  );
}
