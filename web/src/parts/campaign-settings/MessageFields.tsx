/** What a message campaign sends, by whom and how fast, and how people opt out. */
import { Checkbox, MultiSelect, NumberInput, Select, TagsInput, Textarea, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";

import type { Settings } from "../../api/campaign";
import { providers } from "../../api/providers";
import words from "../../words/en/messages";
import { type FieldsProps, Group, options, Whole } from "./Fields";
import classes from "./Fields.module.css";

export type MessageText = NonNullable<Settings["text"]>;
type OptOut = MessageText["opt_out"];
const texts = words.fields;

export const TEXT: MessageText = {
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
  receipts_wait_s: 3600,
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

/** What the inputs of one message take, a campaign's or one that follows on a call. */
export interface InputsProps {
  text: MessageText;
  change: (part: Partial<MessageText>) => void;
  email: boolean;
  /** What is wrong with a part of it: `wrong("template")`. */
  wrong: (field: string) => string | undefined;
}

function inputsOf({ value, onChange, problem }: FieldsProps): InputsProps {
  const text = value.text ?? TEXT;
  return {
    text,
    change: (part) => onChange({ text: { ...text, ...part } }),
    email: value.channel === "email",
    wrong: (field) => problem?.of(`text.${field}`),
  };
}

export function TextFields(props: FieldsProps) {
  return (
    <Group title={texts.title} lead={texts.lead}>
      <TemplateInputs {...inputsOf(props)} whole={props.problem?.of("text")} />
    </Group>
  );
}

interface TemplateProps extends InputsProps {
  /** What is wrong with all of it. */
  whole?: string | undefined;
}

export function TemplateInputs({ text, change, email, wrong, whole }: TemplateProps) {
  return (
    <>
      {email && (
        <TextInput
          label={texts.subject}
          value={text.subject ?? ""}
          onChange={(event) => change({ subject: event.currentTarget.value || null })}
          maxLength={300}
          error={wrong("subject")}
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
        error={wrong("template") ?? whole}
      />
      <div className={classes.row}>
        <Select
          label={texts.missing}
          data={options(texts.missings)}
          value={text.missing}
          onChange={(missing) => missing && change({ missing: missing as MessageText["missing"] })}
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
            error={wrong("address")}
          />
        )}
      </div>
    </>
  );
}

/** Who sends it, through whom. */
export function SenderInputs({ text, change, email, wrong }: InputsProps) {
  const known = useQuery(providers).data?.map(({ name }) => name) ?? [];
  return (
    <>
      <TagsInput
        label={texts.senders}
        description={email ? texts.sendersHintEmail : texts.sendersHint}
        inputWrapperOrder={["label", "input", "description", "error"]}
        value={text.senders}
        onChange={(senders) => change({ senders })}
        acceptValueOnBlur
        error={wrong("senders")}
      />
      {email && (
        <div className={classes.row}>
          <TextInput
            label={texts.senderName}
            value={text.sender_name ?? ""}
            onChange={(event) => change({ sender_name: event.currentTarget.value || null })}
            maxLength={100}
            w={230}
            error={wrong("sender_name")}
          />
          <TextInput
            label={texts.replyTo}
            description={texts.replyToHint}
            inputWrapperOrder={["label", "input", "description", "error"]}
            value={text.reply_to ?? ""}
            onChange={(event) => change({ reply_to: event.currentTarget.value.trim() || null })}
            maxLength={254}
            inputMode="email"
            spellCheck={false}
            autoCapitalize="none"
            w={300}
            error={wrong("reply_to")}
          />
        </div>
      )}
      <MultiSelect
        label={texts.providers}
        description={texts.providersHint}
        inputWrapperOrder={["label", "input", "description", "error"]}
        data={[...new Set([...known, ...text.providers])]}
        value={text.providers}
        onChange={(chosen) => change({ providers: chosen })}
        nothingFoundMessage={texts.noProvider}
        error={wrong("providers")}
      />
    </>
  );
}

export function SendingFields(props: FieldsProps) {
  const { value, onChange } = props;
  const inputs = inputsOf(props);
  const { text, change, wrong } = inputs;
  return (
    <Group title={texts.sending} lead={texts.sendingLead}>
      <SenderInputs {...inputs} />
      <div className={classes.row}>
        <NumberInput
          label={texts.perSecond}
          min={0.1}
          max={10_000}
          w={190}
          value={text.per_second}
          onChange={(rate) => typeof rate === "number" && rate > 0 && change({ per_second: rate })}
          error={wrong("per_second")}
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
      {value.channel === "sms" && <SmsInputs {...inputs} />}
    </Group>
  );
}

function SmsInputs({ text, change }: InputsProps) {
  return (
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
        onChange={(fixed) => fixed && change({ fixed_lines: fixed as MessageText["fixed_lines"] })}
        allowDeselect={false}
        w={230}
      />
      <Whole
        label={texts.receiptsWait}
        description={texts.receiptsWaitHint}
        inputWrapperOrder={["label", "input", "description", "error"]}
        suffix=" min"
        min={0}
        max={10_080}
        w={290}
        value={Math.round(text.receipts_wait_s / 60)}
        onChange={(minutes) => change({ receipts_wait_s: minutes * 60 })}
      />
    </div>
  );
}

export function OptOutFields(props: FieldsProps) {
  const inputs = inputsOf(props);
  return (
    <Group title={texts.optOut} lead={inputs.email ? texts.optOutLeadEmail : texts.optOutLead}>
      <OptOutInputs {...inputs} />
    </Group>
  );
}

/** How the message says the way out; and, where replies come here, what they mean and bring back. */
export function OptOutInputs(inputs: InputsProps) {
  const { text, change, email, wrong } = inputs;
  const optOut = text.opt_out;
  const set = (part: Partial<OptOut>): void => change({ opt_out: { ...optOut, ...part } });
  return (
    <>
      <div className={classes.row}>
        <Select
          label={texts.policy}
          data={options(texts.policies)}
          value={optOut.policy}
          onChange={(policy) => policy && set({ policy: policy as OptOut["policy"] })}
          allowDeselect={false}
          w={230}
        />
        {!email && (
          <Select
            label={texts.scope}
            data={options(texts.scopes)}
            value={optOut.scope}
            onChange={(scope) => scope && set({ scope: scope as OptOut["scope"] })}
            allowDeselect={false}
            w={230}
          />
        )}
      </div>
      {optOut.policy === "append" && (
        <TextInput
          label={texts.optOutText}
          description={email ? texts.optOutTextHintEmail : undefined}
          inputWrapperOrder={["label", "input", "description", "error"]}
          value={optOut.text}
          onChange={(event) => set({ text: event.currentTarget.value })}
          maxLength={200}
          error={wrong("opt_out.text")}
        />
      )}
      {!email && <ReplyInputs optOut={optOut} set={set} wrong={wrong} />}
    </>
  );
}

interface ReplyProps {
  optOut: OptOut;
  set: (part: Partial<OptOut>) => void;
  wrong: (field: string) => string | undefined;
}

function ReplyInputs({ optOut, set, wrong }: ReplyProps) {
  return (
    <>
      <MultiSelect
        label={texts.languages}
        data={options(texts.languageNames)}
        value={optOut.languages}
        onChange={(languages) => set({ languages: languages as OptOut["languages"] })}
      />
      <TagsInput
        label={texts.words}
        description={texts.wordsHint}
        inputWrapperOrder={["label", "input", "description", "error"]}
        value={optOut.words}
        onChange={(further) => set({ words: further })}
        acceptValueOnBlur
        error={wrong("opt_out.words")}
      />
      <Checkbox
        label={texts.resubscribe}
        checked={optOut.resubscribe}
        onChange={(event) => set({ resubscribe: event.currentTarget.checked })}
      />
      <Textarea
        label={texts.confirmation}
        description={texts.answerHint}
        inputWrapperOrder={["label", "input", "description", "error"]}
        placeholder={texts.noAnswer}
        value={optOut.confirmation ?? ""}
        onChange={(event) => set({ confirmation: event.currentTarget.value || null })}
        autosize
        maxRows={4}
        maxLength={300}
        error={wrong("opt_out.confirmation")}
      />
      <Textarea
        label={texts.help}
        placeholder={texts.noAnswer}
        value={optOut.help ?? ""}
        onChange={(event) => set({ help: event.currentTarget.value || null })}
        autosize
        maxRows={4}
        maxLength={300}
        error={wrong("opt_out.help")}
      />
    </>
  );
}
