/** The steps before the last. */
import { Button, Checkbox, Modal, Text, TextInput, Title, UnstyledButton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { IconPlus } from "@tabler/icons-react";
import { type FormEvent, useEffect, useState } from "react";

import type { Settings } from "../../api/campaign";
import { lists } from "../../api/lists";
import { audioOf, recordings } from "../../api/recordings";
import { callingNumbers, trunks } from "../../api/trunks";
import {
  ConversationFields,
  NobodyThereFields,
  WhoFields,
  WrapUpFields,
} from "../../parts/campaign-settings/AgentFields";
import { needsAgents, pacingOf } from "../../parts/campaign-settings/agentPacing";
import {
  CapFields,
  MESSAGE,
  MessageFields,
  NumberFields,
  PacingFields,
  PauseFields,
  RingFields,
} from "../../parts/campaign-settings/CallFields";
import { FollowUpFields } from "../../parts/campaign-settings/FollowUpFields";
import {
  OptOutFields,
  SendingFields,
  TEXT,
  TextFields,
} from "../../parts/campaign-settings/MessageFields";
import { DateFields, HourFields, RetryFields } from "../../parts/campaign-settings/TimeFields";
import { Failure } from "../../parts/Failure";
import { FileDrop } from "../../parts/FileDrop";
import { Listen } from "../../parts/Listen";
import { RecordingUpload } from "../../parts/RecordingUpload";
import { Waiting } from "../../parts/Waiting";
import common from "../../words/en/common";
import messages from "../../words/en/messages";
import listWords from "../../words/en/lists";
import words from "../../words/en/wizard";
import { ACCEPTED, ImportForm } from "../lists/ImportForm";
import { NumberForm } from "../numbers/NumberForm";
import { ProviderForm } from "../numbers/ProviderForm";
import { TrunkForm } from "../numbers/TrunkForm";
import { type Draft, nameProblem } from "./draft";
import { MessagePreview } from "./MessagePreview";
import { type Preset, presetOf, PRESETS, withPreset } from "./hours";
import classes from "./NewCampaign.module.css";

export interface StepProps {
  draft: Draft;
  change: (draft: Partial<Draft>) => void;
  /** Names of campaigns that there are. */
  taken: readonly string[];
  onNext: () => void;
}

/** What the groups of settings take. */
function fieldsOf({ draft, change }: StepProps) {
  return {
    value: draft.settings,
    onChange: (part: Partial<Settings>) => change({ settings: { ...draft.settings, ...part } }),
  };
}

function Head({ title, lead }: { title: string; lead: string }) {
  return (
    <div>
      <Title order={2}>{title}</Title>
      <p className={classes.lead}>{lead}</p>
    </div>
  );
}

export function NameStep({ draft, change, taken, onNext }: StepProps) {
  const texts = words.name;
  const wrong = nameProblem(draft.name, taken);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (wrong === null) onNext();
  };
  return (
    <form className={`card ${classes.panel}`} onSubmit={submit}>
      <Head title={texts.title} lead={texts.lead} />
      <TextInput
        label={texts.label}
        placeholder={texts.placeholder}
        value={draft.name}
        onChange={(event) => change({ name: event.currentTarget.value })}
        error={wrong === "digits" ? texts.digits : wrong === "taken" ? texts.taken : undefined}
        maxLength={200}
        maw={460}
        autoFocus
        autoComplete="off"
      />
      <ChannelChoice draft={draft} change={change} />
    </form>
  );
}

const CHANNELS = ["agents", "voice", "sms", "email"] as const;

function ChannelChoice({ draft, change }: Pick<StepProps, "draft" | "change">) {
  const { settings } = draft;
  const now = needsAgents(settings) ? "agents" : settings.channel;
  const choose = (next: (typeof CHANNELS)[number]): void => {
    if (next === now) return;
    const kind = next === "agents" ? "progressive" : "fixed";
    const channel = next === "agents" ? "voice" : next;
    change({ settings: { ...settings, channel, pacing: pacingOf(kind, settings.pacing) } });
  };
  return (
    <div>
      <Text size="sm" fw={500} id="channel">
        {messages.channel}
      </Text>
      <p className={classes.lead}>{messages.channelLead}</p>
      <div className={classes.presets} role="group" aria-labelledby="channel">
        {CHANNELS.map((channel) => (
          <UnstyledButton
            key={channel}
            type="button"
            className={classes.preset}
            aria-pressed={now === channel}
            onClick={() => choose(channel)}
          >
            <strong>{messages.channels[channel]}</strong>
            <span>{messages.channelHints[channel]}</span>
          </UnstyledButton>
        ))}
      </div>
    </div>
  );
}

export function ListsStep({ draft, change }: StepProps) {
  const texts = words.lists;
  const found = useQuery(lists);
  const [file, setFile] = useState<File | null>(null);
  const chosen = new Set(draft.lists);
  const toggle = (name: string): void => {
    const next = new Set(chosen);
    if (!next.delete(name)) next.add(name);
    change({ lists: [...next] });
  };
  const total = found.data?.reduce((n, each) => n + (chosen.has(each.name) ? each.contacts : 0), 0);
  return (
    <div className={`card ${classes.panel}`}>
      <Head title={texts.title} lead={texts.lead} />
      {found.isPending ? (
        <Waiting />
      ) : found.error ? (
        <Failure problem={found.error} again={() => void found.refetch()} />
      ) : (
        <>
          <div className={classes.choices}>
            {found.data.map((list) => (
              <label
                key={list.id}
                className={classes.choice}
                data-checked={chosen.has(list.name) || undefined}
              >
                <Checkbox
                  checked={chosen.has(list.name)}
                  onChange={() => toggle(list.name)}
                  aria-label={list.name}
                />
                <span className={classes.choiceName}>{list.name}</span>
                <span className={`${classes.choiceWhat} num`}>
                  {list.state === "importing" ? texts.importing : texts.contacts(list.contacts)}
                  <br />
                  {texts.campaigns(list.campaigns)}
                </span>
              </label>
            ))}
          </div>
          <FileDrop
            title={listWords.dropTitle}
            hint={texts.dropHint}
            accept={ACCEPTED}
            onFile={setFile}
            tall={found.data.length === 0}
          />
          {chosen.size > 0 && (
            <Text size="sm" fw={560} className="num" role="status">
              {texts.total(chosen.size, total ?? 0)}
            </Text>
          )}
        </>
      )}
      {file && (
        <Modal
          opened
          onClose={() => setFile(null)}
          size="min(1200px, 96vw)"
          title={<Text fw={650}>{listWords.form.title}</Text>}
          closeButtonProps={{ "aria-label": common.close }}
          closeOnClickOutside={false}
        >
          <ImportForm
            key={`${file.name} ${file.lastModified}`}
            file={file}
            list={null}
            onOtherFile={() => setFile(null)}
            done={{
              next: texts.use,
              onNext: (name) => {
                change({ lists: [...new Set([...draft.lists, name])] });
                setFile(null);
              },
            }}
          />
        </Modal>
      )}
    </div>
  );
}

export function MessageStep(props: StepProps) {
  if (needsAgents(props.draft.settings)) {
    const fields = fieldsOf(props);
    return (
      <div className="card">
        <ConversationFields {...fields} />
        <WrapUpFields {...fields} />
        <NobodyThereFields {...fields} />
        <FollowUpFields {...fields} />
      </div>
    );
  }
  return props.draft.settings.channel === "voice" ? (
    <RecordingStep {...props} />
  ) : (
    <div className="card">
      <TextFields {...fieldsOf(props)} />
      <OptOutFields {...fieldsOf(props)} />
      <MessagePreview lists={props.draft.lists} settings={props.draft.settings} />
    </div>
  );
}

function RecordingStep(props: StepProps) {
  const { message } = props.draft.settings;
  const fields = fieldsOf(props);
  const known = useQuery(recordings).data;
  const chosen = known?.find((each) => each.name === message?.recording);
  return (
    <div className="card">
      <MessageFields {...fields} />
      <div className={`${classes.panel} ${classes.ruled}`}>
        {chosen && (
          <div>
            <Text size="sm" fw={500} mb={6}>
              {words.message.chosen}: {chosen.name}
            </Text>
            <Listen
              key={chosen.id}
              name={chosen.name}
              src={audioOf(chosen.name)}
              durationMs={chosen.duration_ms}
            />
          </div>
        )}
        <RecordingUpload
          tall={known?.length === 0}
          onAdded={({ name }) =>
            fields.onChange({ message: { ...MESSAGE, ...message, recording: name } })
          }
        />
      </div>
      <FollowUpFields {...fields} />
    </div>
  );
}

export function NumbersStep(props: StepProps) {
  return props.draft.settings.channel === "voice" ? (
    <TrunksStep {...props} />
  ) : (
    <SendersStep {...props} />
  );
}

function SendersStep(props: StepProps) {
  const { onChange, value } = fieldsOf(props);
  const [adding, setAdding] = useState(false);
  const text = value.text ?? TEXT;
  return (
    <div className="card">
      <SendingFields value={value} onChange={onChange} />
      <div className={classes.panel} style={{ paddingTop: 0 }}>
        <div className={classes.extras}>
          <Button
            variant="default"
            leftSection={<IconPlus size={16} aria-hidden />}
            onClick={() => setAdding(true)}
          >
            {messages.providers.add}
          </Button>
        </div>
      </div>
      {adding && (
        <ProviderForm
          provider={null}
          onClose={() => setAdding(false)}
          onAdded={(name) => onChange({ text: { ...text, providers: [...text.providers, name] } })}
        />
      )}
    </div>
  );
}

function TrunksStep(props: StepProps) {
  const { settings } = props.draft;
  const { onChange, value } = fieldsOf(props);
  const [adding, setAdding] = useState<"trunk" | "number" | null>(null);
  const ways = useQuery(trunks).data;
  const numbers = useQuery(callingNumbers).data;
  // Where there is only one to choose from, it is chosen.
  const [fresh, setFresh] = useState(true);
  useEffect(() => {
    if (!fresh || !ways || !numbers) return;
    setFresh(false);
    const [way, ...otherWays] = ways;
    const [number, ...otherNumbers] = numbers;
    const part: Partial<Settings> = {};
    if (way && otherWays.length === 0 && settings.trunks.length === 0) part.trunks = [way.name];
    if (number && otherNumbers.length === 0 && settings.calling_numbers.length === 0) {
      part.calling_numbers = [number.number];
    }
    if (Object.keys(part).length > 0) onChange(part);
  }, [fresh, ways, numbers, settings, onChange]);
  return (
    <div className="card">
      <NumberFields value={value} onChange={onChange} />
      <div className={classes.panel} style={{ paddingTop: 0 }}>
        <div className={classes.extras}>
          <Button
            variant="default"
            leftSection={<IconPlus size={16} aria-hidden />}
            onClick={() => setAdding("number")}
          >
            {words.numbers.addNumber}
          </Button>
          <Button
            variant="default"
            leftSection={<IconPlus size={16} aria-hidden />}
            onClick={() => setAdding("trunk")}
          >
            {words.numbers.addTrunk}
          </Button>
        </div>
      </div>
      {adding === "trunk" && (
        <TrunkForm
          trunk={null}
          onClose={() => setAdding(null)}
          onAdded={(name) => onChange({ trunks: [...settings.trunks, name] })}
        />
      )}
      {adding === "number" && (
        <NumberForm
          number={null}
          onClose={() => setAdding(null)}
          onAdded={(number) =>
            onChange({ calling_numbers: [...new Set([...settings.calling_numbers, number])] })
          }
        />
      )}
    </div>
  );
}

export function HoursStep(props: StepProps) {
  const texts = words.hours;
  const fields = fieldsOf(props);
  const { hours } = fields.value;
  const chosen = presetOf(hours);
  return (
    <>
      <div className={`card ${classes.panel} ${classes.gap}`}>
        <Title order={2} id="presets">
          {texts.presets}
        </Title>
        <div className={classes.presets} role="group" aria-labelledby="presets">
          {(Object.keys(PRESETS) as Preset[]).map((name) => (
            <UnstyledButton
              key={name}
              className={classes.preset}
              aria-pressed={chosen === name}
              onClick={() => fields.onChange({ hours: withPreset(hours, name) })}
            >
              <strong>{texts.names[name]}</strong>
              <span>{texts.names[`${name}Hint`]}</span>
            </UnstyledButton>
          ))}
        </div>
      </div>
      <div className="card">
        <HourFields {...fields} />
        <DateFields {...fields} />
      </div>
    </>
  );
}

export function PaceStep(props: StepProps) {
  const fields = fieldsOf(props);
  return (
    <div className="card">
      {fields.value.channel === "voice" && <PacingFields {...fields} />}
      {needsAgents(fields.value) && <WhoFields {...fields} />}
      <RetryFields {...fields} />
      {fields.value.channel === "voice" && <RingFields {...fields} />}
      <CapFields {...fields} />
      <PauseFields {...fields} />
    </div>
  );
}
