import { Select, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";

import {
  addNumber,
  type CallingNumber,
  callingNumbers,
  changeNumber,
  trunks,
} from "../../api/trunks";
import { FormDialog } from "../../parts/FormDialog";
import { useSave } from "../../parts/useSave";
import words from "../../words/en/numbers";

const texts = words.numberForm;

interface Props {
  /** null: a new one. */
  number: CallingNumber | null;
  onClose: () => void;
  onAdded?: (number: string) => void;
}

export function NumberForm({ number, onClose, onAdded }: Props) {
  const known = useQuery(trunks).data ?? [];
  const [text, setText] = useState("");
  const [trunk, setTrunk] = useState(number?.trunk ?? null);
  const [label, setLabel] = useState(number?.label ?? "");
  const { wrong, form } = useSave({
    save: () => {
      const values = { trunk, label: label.trim() || null };
      return number === null
        ? addNumber({ number: text.trim(), ...values })
        : changeNumber(number.number, values);
    },
    says: (saved) => (number === null ? words.numbers.added(saved.number) : null),
    stale: callingNumbers.queryKey,
    onSaved: (saved) => onAdded?.(saved.number),
    onClose,
  });
  return (
    <FormDialog
      title={number === null ? texts.addTitle : texts.editTitle(number.number)}
      submit={number === null ? texts.add : texts.save}
      fields={["number", "trunk", "label"]}
      disabled={number === null && text.trim() === ""}
      size={440}
      {...form}
    >
      {number === null && (
        <TextInput
          label={texts.number}
          description={texts.numberHint}
          type="tel"
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
          error={wrong("number")}
          autoComplete="off"
          data-autofocus
        />
      )}
      <Select
        label={texts.trunk}
        placeholder={texts.trunkAny}
        data={known.map((each) => each.name)}
        value={trunk}
        onChange={setTrunk}
        error={wrong("trunk")}
        clearable
      />
      <TextInput
        label={texts.label}
        description={texts.labelHint}
        value={label}
        onChange={(event) => setLabel(event.currentTarget.value)}
        error={wrong("label")}
        maxLength={200}
      />
    </FormDialog>
  );
}
