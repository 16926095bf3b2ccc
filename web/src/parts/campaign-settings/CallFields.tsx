/** Message, numbers, trunks, pacing, ringing, caps and what a pause does. */
import { ActionIcon, Button, MultiSelect, NumberInput, Select, Text } from "@mantine/core";
import { IconPlus, IconTrash } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";

import type { Settings } from "../../api/campaign";
import { recordings } from "../../api/recordings";
import { callingNumbers, trunks } from "../../api/trunks";
import agentWords from "../../words/en/agents";
import words from "../../words/en/campaignSettings";
import lifecycle from "../../words/en/lifecycle";
import { type Kind, pacingOf } from "./agentPacing";
import { type FieldsProps, Group, options, Whole } from "./Fields";
import classes from "./Fields.module.css";

type Message = NonNullable<Settings["message"]>;
type KeyMeaning = Message["keys"][string];

export const MESSAGE: Omit<Message, "recording"> = {
  start: "at_answer",
  silence_ms: 700,
  silence_wait_ms_max: 6000,
  keys: {},
  after_message_wait_ms: 0,
};
const KEYS = [..."1234567890*#"];

export function MessageFields({ value, onChange, problem }: FieldsProps) {
  const texts = words.message;
  const names = useQuery(recordings).data?.map(({ name }) => name) ?? [];
  const { message } = value;
  const change = (part: Partial<Message>): void => {
    if (message) onChange({ message: { ...message, ...part } });
  };
  return (
    <Group title={texts.title} lead={texts.lead}>
      <Select
        label={texts.recording}
        data={[...new Set([...names, ...(message ? [message.recording] : [])])]}
        value={message?.recording ?? null}
        onChange={(recording) =>
          onChange({
            message: recording === null ? null : { ...MESSAGE, ...message, recording },
          })
        }
        clearable
        searchable
        maw={340}
        nothingFoundMessage={texts.none}
        error={problem?.of("message") ?? problem?.of("message.recording")}
      />
      {message && (
        <>
          <div className={classes.row}>
            <Select
              label={texts.start}
              data={options(texts.starts)}
              value={message.start}
              onChange={(start) => start && change({ start: start as Message["start"] })}
              allowDeselect={false}
              w={250}
            />
            <Whole
              label={texts.wait}
              suffix={words.seconds}
              min={0}
              max={30}
              w={230}
              value={Math.round(message.after_message_wait_ms / 1000)}
              onChange={(s) => change({ after_message_wait_ms: s * 1000 })}
              error={problem?.of("message.after_message_wait_ms")}
            />
          </div>
          <Keys value={message.keys} onChange={(keys) => change({ keys })} />
        </>
      )}
    </Group>
  );
}

function Keys(props: { value: Message["keys"]; onChange: (keys: Message["keys"]) => void }) {
  const { value, onChange } = props;
  const texts = words.message;
  const entries = Object.entries(value).sort();
  const free = KEYS.find((key) => !(key in value));
  return (
    <div>
      <Text size="sm" fw={500}>
        {texts.keys}
      </Text>
      <Text size="xs" c="dimmed" mb={6}>
        {texts.keysHint}
      </Text>
      {entries.map(([key, meaning]) => (
        <div className={classes.row} key={key} style={{ marginBottom: 6 }}>
          <Select
            aria-label={texts.key}
            data={KEYS.filter((each) => each === key || !(each in value))}
            value={key}
            onChange={(next) => {
              if (!next) return;
              const { [key]: moved, ...rest } = value;
              onChange({ ...rest, [next]: moved as KeyMeaning });
            }}
            allowDeselect={false}
            w={76}
          />
          <Select
            aria-label={`${texts.meaning}: ${key}`}
            data={options(texts.meanings)}
            value={meaning}
            onChange={(next) => next && onChange({ ...value, [key]: next as KeyMeaning })}
            allowDeselect={false}
            w={190}
          />
          <ActionIcon
            variant="subtle"
            color="gray"
            size={36}
            aria-label={texts.removeKey(key)}
            onClick={() => onChange(Object.fromEntries(entries.filter(([each]) => each !== key)))}
          >
            <IconTrash size={16} aria-hidden />
          </ActionIcon>
        </div>
      ))}
      {free && (
        <Button
          variant="default"
          size="compact-sm"
          leftSection={<IconPlus size={14} aria-hidden />}
          onClick={() => onChange({ ...value, [free]: "repeat" })}
        >
          {texts.addKey}
        </Button>
      )}
    </div>
  );
}

export function NumberFields({ value, onChange, problem }: FieldsProps) {
  const texts = words.numbers;
  const numbers = useQuery(callingNumbers).data?.map(({ number }) => number) ?? [];
  const ways = useQuery(trunks).data?.map(({ name }) => name) ?? [];
  return (
    <Group title={texts.title} lead={texts.lead}>
      <MultiSelect
        label={texts.calling}
        data={[...new Set([...numbers, ...value.calling_numbers])]}
        value={value.calling_numbers}
        onChange={(calling_numbers) => onChange({ calling_numbers })}
        searchable
        error={problem?.of("calling_numbers")}
      />
      <Select
        label={texts.choice}
        data={options(texts.choices)}
        value={value.number_choice}
        onChange={(choice) =>
          choice && onChange({ number_choice: choice as Settings["number_choice"] })
        }
        allowDeselect={false}
        maw={260}
      />
      <MultiSelect
        label={texts.trunks}
        description={texts.trunksHint}
        data={[...new Set([...ways, ...value.trunks])]}
        value={value.trunks}
        onChange={(chosen) => onChange({ trunks: chosen })}
        error={problem?.of("trunks")}
      />
    </Group>
  );
}

export function PacingFields({ value, onChange, problem }: FieldsProps) {
  const texts = words.pacing;
  const { pacing } = value;
  const kinds = agentWords.settings;
  return (
    <Group title={texts.title} lead={texts.lead}>
      <Select
        label={kinds.kind}
        description={kinds.kindHints[pacing.kind]}
        inputWrapperOrder={["label", "input", "description", "error"]}
        data={options(kinds.kinds)}
        value={pacing.kind}
        onChange={(kind) => kind && onChange({ pacing: pacingOf(kind as Kind, pacing) })}
        allowDeselect={false}
        maw={400}
        error={problem?.of("pacing.kind") ?? problem?.of("pacing")}
      />
      <KindFields value={value} onChange={onChange} problem={problem} />
      <div className={classes.row}>
        <Whole
          label={texts.concurrency}
          min={1}
          max={100_000}
          value={pacing.concurrency}
          onChange={(concurrency) => onChange({ pacing: { ...pacing, concurrency } })}
          error={problem?.of("pacing.concurrency")}
        />
        <NumberInput
          label={texts.cps}
          placeholder={texts.cpsNone}
          min={0.1}
          max={10_000}
          w={190}
          value={pacing.cps ?? ""}
          onChange={(cps) =>
            onChange({ pacing: { ...pacing, cps: typeof cps === "number" ? cps : null } })
          }
          error={problem?.of("pacing.cps")}
        />
        <Whole
          label={texts.priority}
          description={texts.priorityHint}
          inputWrapperOrder={["label", "input", "description", "error"]}
          min={1}
          max={9}
          value={value.priority}
          onChange={(priority) => onChange({ priority })}
          error={problem?.of("priority")}
        />
      </div>
    </Group>
  );
}

/** What only one kind of pacing has. */
function KindFields({ value, onChange, problem }: FieldsProps) {
  const { pacing } = value;
  const texts = agentWords.settings;
  if (pacing.kind === "fixed") return null;
  return (
    <div className={classes.row}>
      {pacing.kind === "preview" && (
        <NumberInput
          label={texts.countdown}
          placeholder={texts.countdownNone}
          suffix={texts.s}
          min={3}
          max={600}
          w={250}
          value={pacing.countdown_s ?? ""}
          onChange={(s) =>
            onChange({ pacing: { ...pacing, countdown_s: typeof s === "number" ? s : null } })
          }
          error={problem?.of("pacing.countdown_s")}
        />
      )}
      {pacing.kind === "predictive" && (
        <NumberInput
          label={texts.abandonment}
          description={texts.abandonmentHint}
          inputWrapperOrder={["label", "input", "description", "error"]}
          suffix=" %"
          min={0}
          max={20}
          step={0.5}
          decimalScale={2}
          w={250}
          value={Math.round(pacing.abandonment_max * 10_000) / 100}
          onChange={(percent) =>
            typeof percent === "number" &&
            onChange({ pacing: { ...pacing, abandonment_max: percent / 100 } })
          }
          error={problem?.of("pacing.abandonment_max")}
        />
      )}
      {pacing.kind !== "preview" && (
        <NumberInput
          label={texts.connect}
          description={texts.connectHint}
          inputWrapperOrder={["label", "input", "description", "error"]}
          suffix={texts.s}
          min={0}
          max={10}
          decimalScale={1}
          w={230}
          value={pacing.connect_within_s}
          onChange={(s) =>
            typeof s === "number" && onChange({ pacing: { ...pacing, connect_within_s: s } })
          }
          error={problem?.of("pacing.connect_within_s")}
        />
      )}
    </div>
  );
}

export function RingFields({ value, onChange, problem }: FieldsProps) {
  const texts = words.ringing;
  return (
    <Group title={texts.title} lead={texts.lead}>
      <div className={classes.row}>
        <Whole
          label={texts.minimum}
          description={texts.minimumHint}
          inputWrapperOrder={["label", "input", "description", "error"]}
          suffix={words.seconds}
          min={0}
          max={60}
          w={230}
          value={value.ring_minimum_s}
          onChange={(ring_minimum_s) => onChange({ ring_minimum_s })}
          error={problem?.of("ring_minimum_s")}
        />
        <Whole
          label={texts.timeout}
          suffix={words.seconds}
          min={5}
          max={180}
          value={value.ring_timeout_s}
          onChange={(ring_timeout_s) => onChange({ ring_timeout_s })}
          error={problem?.of("ring_timeout_s")}
        />
      </div>
    </Group>
  );
}

export function CapFields({ value, onChange, problem }: FieldsProps) {
  const texts = words.caps;
  const fields = [
    ["per_lead", texts.perLead, undefined],
    ["per_number_day", texts.perDay, texts.all],
    ["per_number_7_days", texts.perWeek, texts.all],
  ] as const;
  return (
    <Group title={texts.title} lead={texts.lead}>
      <div className={classes.row}>
        {fields.map(([name, label, hint]) => (
          <Whole
            key={name}
            label={label}
            description={hint}
            inputWrapperOrder={["label", "input", "description", "error"]}
            min={1}
            max={1000}
            w={190}
            value={value.caps[name]}
            onChange={(n) => onChange({ caps: { ...value.caps, [name]: n } })}
            error={problem?.of(`caps.${name}`)}
          />
        ))}
      </div>
    </Group>
  );
}

export function PauseFields({ value, onChange, problem }: FieldsProps) {
  const texts = words.pause;
  return (
    <Group title={texts.title} lead={texts.lead}>
      <div className={classes.row}>
        {value.channel === "voice" && (
          <Select
            label={texts.drain}
            data={options(lifecycle.drains)}
            value={value.drain}
            onChange={(drain) => drain && onChange({ drain: drain as Settings["drain"] })}
            allowDeselect={false}
            w={230}
          />
        )}
        <Select
          label={texts.clocks}
          data={options(texts.clockses)}
          value={value.clocks}
          onChange={(clocks) => clocks && onChange({ clocks: clocks as Settings["clocks"] })}
          allowDeselect={false}
          w={250}
        />
        <Whole
          label={texts.rampUp}
          description={texts.rampUpHint}
          inputWrapperOrder={["label", "input", "description", "error"]}
          suffix={words.seconds}
          min={0}
          max={3600}
          value={value.ramp_up_s}
          onChange={(ramp_up_s) => onChange({ ramp_up_s })}
          error={problem?.of("ramp_up_s")}
        />
      </div>
    </Group>
  );
}
