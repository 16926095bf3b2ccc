import { Select, Textarea, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { addEntries, type Channel, DO_NOT_CALL } from "../../api/doNotCall";
import { asProblem } from "../../api/problem";
import { useCampaignNames } from "../../parts/campaignNames";
import { FormDialog } from "../../parts/FormDialog";
import { said } from "../../parts/notices";
import { RegionSelect } from "../../parts/RegionSelect";
import { readersRegion } from "../../parts/regions";
import words from "../../words/en/doNotCall";
import { MANY_MAX, numberMeant, numbersIn } from "./numbers";

const texts = words.form;

export function AddNumbers({ onClose }: { onClose: () => void }) {
  const client = useQueryClient();
  const names = useCampaignNames();
  const [text, setText] = useState("");
  const [region, setRegion] = useState(readersRegion);
  const [campaign, setCampaign] = useState<string | null>(null);
  const [channel, setChannel] = useState<string | null>(null);
  const [source, setSource] = useState<string>(texts.sourceDefault);
  const numbers = numbersIn(text);
  const add = useMutation({
    mutationFn: (phones: string[]) =>
      addEntries({
        phones,
        region,
        campaign,
        channel: channel as Channel | null,
        source: source.trim() || texts.sourceDefault,
      }),
    onSuccess: ({ added }, phones) => {
      said(texts.added(added, phones.length));
      void client.invalidateQueries({ queryKey: DO_NOT_CALL });
      onClose();
    },
  });
  const problem = add.error ? asProblem(add.error) : null;
  const first = problem?.fields.find(({ field }) => field.startsWith("phones"));
  const meant = first ? numberMeant(first.field, add.variables ?? []) : null;
  const named = meant === null || first?.message.includes(meant);
  const error = first && (named ? first.message : texts.wrong(meant, first.message));
  return (
    <FormDialog
      title={texts.title}
      submit={texts.add(numbers.length)}
      onSubmit={() => add.mutate(numbers)}
      onClose={onClose}
      pending={add.isPending}
      error={add.error}
      fields={first ? [first.field, "source", "region"] : ["source", "region"]}
      disabled={numbers.length === 0 || numbers.length > MANY_MAX}
    >
      <Textarea
        label={texts.numbers}
        description={numbers.length > 1 ? texts.counted(numbers.length) : texts.numbersHint}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
        error={numbers.length > MANY_MAX ? texts.tooMany(MANY_MAX) : error}
        autosize
        minRows={4}
        maxRows={12}
        inputMode="tel"
        spellCheck={false}
        inputWrapperOrder={["label", "input", "description", "error"]}
        data-autofocus
      />
      <RegionSelect
        label={texts.region}
        value={region}
        onChange={setRegion}
        error={problem?.of("region")}
      />
      <Select
        label={texts.campaign}
        placeholder={words.all}
        data={names}
        value={campaign}
        onChange={setCampaign}
        clearable
        searchable
      />
      <Select
        label={texts.channel}
        placeholder={words.allChannels}
        data={Object.entries(words.channels).map(([value, label]) => ({ value, label }))}
        value={channel}
        onChange={setChannel}
        clearable
      />
      <TextInput
        label={texts.source}
        description={texts.sourceHint}
        value={source}
        onChange={(event) => setSource(event.currentTarget.value)}
        error={problem?.of("source")}
        maxLength={200}
        inputWrapperOrder={["label", "input", "description", "error"]}
      />
    </FormDialog>
  );
}
