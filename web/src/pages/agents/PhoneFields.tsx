/** Over what an agent talks: their page, or a telephone of their own. */
import { SegmentedControl, Select, Stack, Text, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";

import type { AgentPhone } from "../../api/agents";
import { callingNumbers, trunks } from "../../api/trunks";
import words from "../../words/en/agents";

const texts = words.form;

export const PHONE_FIELDS = ["phone.address", "phone.trunk", "phone.calling_number"] as const;

interface Props {
  /** null: their page. */
  phone: AgentPhone | null;
  onChange: (phone: AgentPhone | null) => void;
  wrong: (field: string) => string | undefined;
}

export function PhoneFields({ phone, onChange, wrong }: Props) {
  const ways = useQuery(trunks).data ?? [];
  const numbers = useQuery(callingNumbers).data ?? [];
  const change = (part: Partial<AgentPhone>): void => {
    if (phone) onChange({ ...phone, ...part });
  };
  const shown = numbers.filter(({ trunk }) => trunk === null || trunk === phone?.trunk);
  return (
    <Stack gap="xs">
      <Text size="sm" fw={500} id="talks-over">
        {texts.sound}
      </Text>
      <SegmentedControl
        aria-labelledby="talks-over"
        data={[
          { value: "page", label: texts.sounds.page },
          { value: "phone", label: texts.sounds.phone },
        ]}
        value={phone ? "phone" : "page"}
        onChange={(next) =>
          onChange(
            next === "page" ? null : { address: "", trunk: ways[0]?.name ?? "", calling_number: null },
          )
        }
      />
      {phone && (
        <>
          <TextInput
            label={texts.phone}
            description={texts.phoneHint}
            placeholder={texts.phonePlaceholder}
            value={phone.address}
            onChange={(event) => change({ address: event.currentTarget.value })}
            error={wrong("phone.address")}
            autoComplete="off"
            autoCapitalize="none"
          />
          <Select
            label={texts.trunk}
            data={ways.map(({ name }) => name)}
            value={phone.trunk === "" ? null : phone.trunk}
            onChange={(trunk) => change({ trunk: trunk ?? "", calling_number: null })}
            allowDeselect={false}
            error={wrong("phone.trunk")}
          />
          <Select
            label={texts.callingNumber}
            description={texts.callingNumberHint}
            placeholder={texts.callingNumberNone}
            data={shown.map(({ number }) => number)}
            value={phone.calling_number}
            onChange={(calling_number) => change({ calling_number })}
            allowDeselect={false}
            clearable
            error={wrong("phone.calling_number")}
          />
        </>
      )}
      <Text size="xs" c="dimmed">
        {texts.phoneWhen}
      </Text>
    </Stack>
  );
}

/** Nothing that is needed is missing. */
export const isWhole = (phone: AgentPhone | null): boolean =>
  phone === null || (phone.address.trim() !== "" && phone.trunk !== "");
