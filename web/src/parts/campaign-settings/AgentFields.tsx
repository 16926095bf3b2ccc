/** What a campaign's agents are told: conversation, wrap-up, and who hears what when nobody is there. */
import { ActionIcon, Button, NumberInput, SegmentedControl, Select, Switch, TagsInput, Text, Textarea, TextInput } from "@mantine/core";
import { IconPlus, IconTrash } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";

import type { Settings } from "../../api/campaign";
import { recordings } from "../../api/recordings";
import words from "../../words/en/agents";
import { type FieldsProps, Group, options, Whole } from "./Fields";
import classes from "./Fields.module.css";

type Agents = Settings["agents"];
type Disposition = Agents["dispositions"][number];
const texts = words.settings;
const KEYS = [..."1234567890*#"];

function partOf({ value, onChange }: FieldsProps) {
  return (part: Partial<Agents>): void => onChange({ agents: { ...value.agents, ...part } });
}

export function ConversationFields(props: FieldsProps) {
  const { value, problem } = props;
  const { agents } = value;
  const change = partOf(props);
  const said = texts.conversation;
  return (
    <Group title={said.title} lead={said.lead}>
      <Textarea
        label={said.script}
        description={said.scriptHint}
        inputWrapperOrder={["label", "input", "description", "error"]}
        value={agents.script ?? ""}
        onChange={(event) => change({ script: event.currentTarget.value || null })}
        autosize
        minRows={4}
        maxRows={16}
        error={problem?.of("agents.script")}
      />
      <Dispositions {...props} />
      <Switch
        label={said.required}
        description={said.requiredHint}
        checked={agents.disposition_required}
        onChange={(event) => change({ disposition_required: event.currentTarget.checked })}
      />
      <Switch
        label={said.forMe}
        checked={agents.callbacks.for_me}
        onChange={(event) =>
          change({ callbacks: { ...agents.callbacks, for_me: event.currentTarget.checked } })
        }
      />
      <Whole
        label={said.daysMax}
        suffix={said.days}
        min={1}
        max={365}
        value={agents.callbacks.days_max}
        onChange={(days_max) => change({ callbacks: { ...agents.callbacks, days_max } })}
        error={problem?.of("agents.callbacks.days_max")}
      />
    </Group>
  );
}

function Dispositions(props: FieldsProps) {
  const { agents } = props.value;
  const change = partOf(props);
  const said = texts.conversation;
  const all = agents.dispositions;
  const put = (index: number, part: Partial<Disposition>): void =>
    change({ dispositions: all.map((each, i) => (i === index ? { ...each, ...part } : each)) });
  const wrong = (index: number, field: string) =>
    props.problem?.of(`agents.dispositions.${index}.${field}`);
  return (
    <div>
      <Text size="sm" fw={500}>
        {said.dispositions}
      </Text>
      <Text size="xs" c="dimmed" mb={6}>
        {said.dispositionsHint}
      </Text>
      {all.map((each, index) => (
        <div className={classes.row} key={index} style={{ marginBottom: 8 }}>
          <TextInput
            aria-label={said.nameOf(index + 1)}
            placeholder={said.name}
            value={each.name}
            maxLength={60}
            w={145}
            onChange={(event) => put(index, { name: event.currentTarget.value })}
            error={wrong(index, "name")}
          />
          <Select
            aria-label={`${said.meaning}: ${each.name}`}
            data={options(said.meanings)}
            value={each.meaning}
            onChange={(meaning) => meaning && put(index, { meaning: meaning as Disposition["meaning"] })}
            allowDeselect={false}
            w={185}
          />
          <Select
            aria-label={`${said.notes}: ${each.name}`}
            data={options(said.noteses)}
            value={each.notes}
            onChange={(notes) => notes && put(index, { notes: notes as Disposition["notes"] })}
            allowDeselect={false}
            w={150}
          />
          <ActionIcon
            variant="subtle"
            color="gray"
            size={36}
            aria-label={said.remove(each.name)}
            disabled={all.length === 1}
            onClick={() => change({ dispositions: all.filter((_, i) => i !== index) })}
          >
            <IconTrash size={16} aria-hidden />
          </ActionIcon>
          {each.meaning === "try_again" && (
            <>
              <NumberInput
                aria-label={`${said.after}: ${each.name}`}
                prefix={`${said.after} `}
                suffix={texts.min}
                min={0}
                max={129_600}
                decimalScale={1}
                w={190}
                value={Math.round(each.again_after_s / 6) / 10}
                onChange={(minutes) =>
                  typeof minutes === "number" && put(index, { again_after_s: Math.round(minutes * 60) })
                }
                error={wrong(index, "again_after_s")}
              />
              <Whole
                aria-label={`${said.max}: ${each.name}`}
                prefix={`${said.max} `}
                suffix={said.times}
                min={0}
                max={100}
                value={each.again_max}
                onChange={(again_max) => put(index, { again_max })}
                error={wrong(index, "again_max")}
              />
            </>
          )}
        </div>
      ))}
      {props.problem?.of("agents") && (
        <Text size="xs" c="red" role="alert">
          {props.problem.of("agents")}
        </Text>
      )}
      <Button
        variant="default"
        size="compact-sm"
        leftSection={<IconPlus size={14} aria-hidden />}
        onClick={() =>
          change({
            dispositions: [
              ...all,
              { name: "", meaning: "done", notes: "optional", again_after_s: 14_400, again_max: 3 },
            ],
          })
        }
      >
        {said.add}
      </Button>
    </div>
  );
}

const TIMED_S = 30;

export function WrapUpFields(props: FieldsProps) {
  const { wrap_up: wrap } = props.value.agents;
  const change = partOf(props);
  const said = texts.wrapUp;
  return (
    <Group title={said.title} lead={said.lead}>
      <SegmentedControl
        aria-label={said.clock}
        data={options(said.clocks)}
        value={wrap.seconds === null ? "open" : "timed"}
        onChange={(next) =>
          change({ wrap_up: { ...wrap, seconds: next === "open" ? null : TIMED_S } })
        }
        style={{ alignSelf: "flex-start" }}
      />
      {wrap.seconds !== null && (
        <div className={classes.row}>
          <Whole
            label={said.seconds}
            suffix={texts.s}
            min={0}
            max={3600}
            value={wrap.seconds}
            onChange={(seconds) => change({ wrap_up: { ...wrap, seconds } })}
            error={props.problem?.of("agents.wrap_up.seconds")}
          />
          <Whole
            label={said.extension}
            description={said.extensionHint}
            inputWrapperOrder={["label", "input", "description", "error"]}
            suffix={texts.s}
            min={0}
            max={3600}
            value={wrap.extension_s}
            onChange={(extension_s) => change({ wrap_up: { ...wrap, extension_s } })}
            error={props.problem?.of("agents.wrap_up.extension_s")}
          />
        </div>
      )}
    </Group>
  );
}

export function NobodyThereFields(props: FieldsProps) {
  const { agents } = props.value;
  const change = partOf(props);
  const said = texts.lost;
  const known = useQuery(recordings).data?.map(({ name }) => name) ?? [];
  const names = (chosen: string | null) => [...new Set([...known, ...(chosen ? [chosen] : [])])];
  return (
    <Group title={said.title} lead={said.lead}>
      <Select
        label={said.abandoned}
        description={said.abandonedHint}
        inputWrapperOrder={["label", "input", "description", "error"]}
        placeholder={said.none}
        data={names(agents.abandoned_recording)}
        value={agents.abandoned_recording}
        onChange={(abandoned_recording) => change({ abandoned_recording })}
        clearable
        searchable
        maw={340}
        error={props.problem?.of("agents.abandoned_recording")}
      />
      <Select
        label={said.optOut}
        placeholder={said.optOutNone}
        data={KEYS}
        value={agents.opt_out_key}
        onChange={(opt_out_key) => change({ opt_out_key })}
        clearable
        w={170}
        error={props.problem?.of("agents.opt_out_key")}
      />
      <Select
        label={said.lost}
        description={said.lostHint}
        inputWrapperOrder={["label", "input", "description", "error"]}
        placeholder={said.none}
        data={names(agents.lost_recording)}
        value={agents.lost_recording}
        onChange={(lost_recording) => change({ lost_recording })}
        clearable
        searchable
        maw={340}
        error={props.problem?.of("agents.lost_recording")}
      />
      <NumberInput
        label={said.grace}
        description={said.graceHint}
        inputWrapperOrder={["label", "input", "description", "error"]}
        suffix={texts.s}
        min={0}
        max={4}
        decimalScale={1}
        w={220}
        value={agents.device_grace_s}
        onChange={(s) => typeof s === "number" && change({ device_grace_s: s })}
        error={props.problem?.of("agents.device_grace_s")}
      />
    </Group>
  );
}

export function WhoFields(props: FieldsProps) {
  const { agents, pacing } = props.value;
  const change = partOf(props);
  const said = texts.who;
  return (
    <Group title={said.title} lead={said.lead}>
      <TagsInput
        label={said.skills}
        description={said.skillsHint}
        inputWrapperOrder={["label", "input", "description", "error"]}
        value={agents.skills}
        onChange={(skills) => change({ skills })}
        maxLength={60}
        maw={420}
        error={props.problem?.of("agents.skills")}
      />
      {pacing.kind === "preview" && (
        <NumberInput
          label={said.skip}
          suffix={texts.min}
          min={0}
          max={129_600}
          decimalScale={1}
          w={220}
          value={Math.round(agents.skip_after_s / 6) / 10}
          onChange={(minutes) =>
            typeof minutes === "number" && change({ skip_after_s: Math.round(minutes * 60) })
          }
          error={props.problem?.of("agents.skip_after_s")}
        />
      )}
    </Group>
  );
}
