/** What a message campaign sends, by whom and how fast, and how people opt out. */
import { Checkbox, MultiSelect, NumberInput, Select, TagsInput, Textarea, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";

import type { Settings } from "../../api/campaign";
import { providers } from "../../api/providers";
import words from "../../words/en/messages";
import { type FieldsProps, Group, options, Whole } from "./Fields";
import classes from "./Fields.module.css";

type Text = NonNullable<Settings["text"]>;
type OptOut = Text["opt_out"];
const texts = words.fields;

export const TEXT: Text = {
  template: "",
  subject: null,
  missing: "refuse",
  missing_text: "",
  senders: [],
  sender_name: null,
  reply_to: null,
  providers: [],
  per_second: 10,
  in_flight: 200,
  segments_max: 6,
  fixed_lines: "refuse",
  address: "email",
  valid_for_s: null,
  receipts: true,
  refusals_max: 10,
  opt_out: {
    policy: "append",
    text: "Reply STOP to opt out.",
    scope: "all",
    languages: ["en"],
    words: [],
    resubscribe: false,
    confirmation: null,
    help: null,
  },
};

function useText({ value, onChange }: FieldsProps): [Text, (part: Partial<Text>) => void] {
  const text = value.text ?? TEXT;
  return [text, (part) => onChange({ text: { ...text, ...part } })];
}

export function TextFields(props: FieldsProps) {
  const { value, problem } = props;
  const [text, change] = useText(props);
  const email = value.channel === "email";
  return (
    <Group title={texts.title} lead={texts.lead}>
      {email && (
        <TextInput
          label={texts.subject}
          value={text.subject ?? ""}
          onChange={(event) => change({ subject: event.currentTarget.value || null })}
          maxLength={300}
          error={problem?.of("text.subject")}
        />
      )}
      <Textarea
        label={texts.template}
        description={texts.templateHint}
        inputWrapperOrder={["label", "input", "description", "error"]}
        value={text.template}
        onChange={(event) => change({ template: event.currentTarget.value })}
        autosize
        minRows={4}
        maxRows={14}
        maxLength={5000}
        error={problem?.of("text.template") ?? problem?.of("text")}
      />
      <div className={classes.row}>
        <Select
          label={texts.missing}
          data={options(texts.missings)}
          value={text.missing}
          onChange={(missing) => missing && change({ missing: missing as Text["missing"] })}
          allowDeselect={false}
          w={260}
        />
        {text.missing === "default" && (
          <TextInput
            label={texts.missingText}
            value={text.missing_text}
            onChange={(event) => change({ missing_text: event.currentTarget.value })}
            maxLength={100}
            w={200}
          />
        )}
        {email && (
          <TextInput
            label={texts.address}
            value={text.address}
            onChange={(event) => change({ address: event.currentTarget.value })}
            w={200}
            error={problem?.of("text.address")}
          />
        )}
      </div>
    </Group>
  );
}

export function SendingFields(props: FieldsProps) {
  const { value, onChange, problem } = props;
  const [text, change] = useText(props);
  const known = useQuery(providers).data?.map(({ name }) => name) ?? [];
  return (
    <Group title={texts.sending} lead={texts.sendingLead}>
      <TagsInput
        label={texts.senders}
        description={texts.sendersHint}
        inputWrapperOrder={["label", "input", "description", "error"]}
        value={text.senders}
        onChange={(senders) => change({ senders })}
        acceptValueOnBlur
        error={problem?.of("text.senders")}
      />
      <MultiSelect
        label={texts.providers}
        description={texts.providersHint}
        data={[...new Set([...known, ...text.providers])]}
        value={text.providers}
        onChange={(chosen) => change({ providers: chosen })}
        nothingFoundMessage={texts.noProvider}
        error={problem?.of("text.providers")}
      />
      <div className={classes.row}>
        <NumberInput
          label={texts.perSecond}
          min={0.1}
          max={10_000}
          w={190}
          value={text.per_second}
          onChange={(rate) => typeof rate === "number" && rate > 0 && change({ per_second: rate })}
          error={problem?.of("text.per_second")}
        />
        <Whole
          label={texts.refusals}
          description={texts.refusalsHint}
          inputWrapperOrder={["label", "input", "description", "error"]}
          min={1}
          max={10_000}
          w={230}
          value={text.refusals_max}
          onChange={(refusals_max) => change({ refusals_max })}
        />
        <Whole
          label={texts.priority}
          min={1}
          max={9}
          value={value.priority}
          onChange={(priority) => onChange({ priority })}
        />
      </div>
      {value.channel === "sms" && (
        <div className={classes.row}>
          <Whole
            label={texts.segmentsMax}
            min={1}
            max={20}
            value={text.segments_max}
            onChange={(segments_max) => change({ segments_max })}
          />
          <Select
            label={texts.fixedLines}
            data={options(texts.fixedLineses)}
            value={text.fixed_lines}
            onChange={(fixed) => fixed && change({ fixed_lines: fixed as Text["fixed_lines"] })}
            allowDeselect={false}
            w={230}
          />
        </div>
      )}
    </Group>
  );
}

export function OptOutFields(props: FieldsProps) {
  const { problem } = props;
  const [text, change] = useText(props);
  const optOut = text.opt_out;
  const set = (part: Partial<OptOut>): void => change({ opt_out: { ...optOut, ...part } });
  return (
    <Group title={texts.optOut} lead={texts.optOutLead}>
      <div className={classes.row}>
        <Select
          label={texts.policy}
          data={options(texts.policies)}
          value={optOut.policy}
          onChange={(policy) => policy && set({ policy: policy as OptOut["policy"] })}
          allowDeselect={false}
          w={230}
        />
        <Select
          label={texts.scope}
          data={options(texts.scopes)}
          value={optOut.scope}
          onChange={(scope) => scope && set({ scope: scope as OptOut["scope"] })}
          allowDeselect={false}
          w={230}
        />
      </div>
      {optOut.policy === "append" && (
        <TextInput
          label={texts.optOutText}
          value={optOut.text}
          onChange={(event) => set({ text: event.currentTarget.value })}
          maxLength={200}
          error={problem?.of("text.opt_out.text")}
        />
      )}
      <MultiSelect
        label={texts.languages}
        data={options(texts.languageNames)}
        value={optOut.languages}
        onChange={(languages) => set({ languages: languages as OptOut["languages"] })}
      />
      <Checkbox
        label={texts.resubscribe}
        checked={optOut.resubscribe}
        onChange={(event) => set({ resubscribe: event.currentTarget.checked })}
      />
    </Group>
  );
}
