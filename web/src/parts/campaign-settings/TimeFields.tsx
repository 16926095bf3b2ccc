/** When the campaign may reach people, when it begins and ends, and how long retries wait. */
import { ActionIcon, Button, Select, Switch, TagsInput, TextInput } from "@mantine/core";
import { IconPlus, IconX } from "@tabler/icons-react";

import type { Settings } from "../../api/campaign";
import campaign from "../../words/en/campaign";
import messages from "../../words/en/messages";
import words from "../../words/en/campaignSettings";
import { zoneName } from "../format";
import { ZoneSelect } from "../ZoneSelect";
import { type FieldsProps, Group, Whole } from "./Fields";
import classes from "./Fields.module.css";
import { fromLocal, toLocal } from "./localTime";

type Hours = Settings["hours"];
type Windows = [string, string][];
const DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;
const CALLEE = "callee";

export function HourFields({ value, onChange, problem }: FieldsProps) {
  const texts = words.hours;
  const { hours } = value;
  const change = (part: Partial<Hours>): void => onChange({ hours: { ...hours, ...part } });
  const weekly = hours.weekly as Partial<Record<string, Windows>>;
  const fixed = hours.zone !== CALLEE;
  return (
    <Group title={texts.title} lead={texts.lead}>
      <Switch
        label={texts.always}
        description={texts.alwaysHint}
        checked={hours.always}
        onChange={(event) =>
          change(
            event.currentTarget.checked
              ? { always: true, holidays: [], closed_dates: [] }
              : { always: false },
          )
        }
      />
      {!hours.always && (
        <>
          <div className={classes.row}>
            <Select
              label={texts.zone}
              data={[
                { value: CALLEE, label: texts.callee },
                { value: "fixed", label: texts.fixed },
              ]}
              value={fixed ? "fixed" : CALLEE}
              onChange={(choice) => change({ zone: choice === CALLEE ? CALLEE : "UTC" })}
              allowDeselect={false}
              w={200}
            />
            {fixed && (
              <ZoneSelect
                label={texts.fixed}
                value={hours.zone}
                onChange={(zone) => change({ zone: zone ?? CALLEE })}
                w={260}
                error={problem?.of("hours.zone")}
              />
            )}
          </div>
          <div className={classes.days}>
            {DAYS.map((day) => (
              <Day
                key={day}
                name={texts.days[day]}
                windows={weekly[day] ?? []}
                onChange={(windows) => change({ weekly: { ...weekly, [day]: windows } as Hours["weekly"] })}
                error={problem?.of(`hours.weekly.${day}`)}
              />
            ))}
          </div>
          <Button
            variant="default"
            size="compact-sm"
            style={{ alignSelf: "flex-start" }}
            onClick={() => {
              const monday = weekly["mon"] ?? [];
              const copies = Object.fromEntries(DAYS.slice(0, 5).map((day) => [day, monday]));
              change({ weekly: { ...weekly, ...copies } as Hours["weekly"] });
            }}
          >
            {texts.copy}
          </Button>
          <TagsInput
            label={texts.holidays}
            description={texts.holidaysHint}
            value={hours.holidays}
            onChange={(holidays) => change({ holidays })}
            maw={420}
            error={problem?.of("hours.holidays")}
          />
          <TagsInput
            label={texts.dates}
            description={texts.datesHint}
            value={hours.closed_dates}
            onChange={(closed_dates) => change({ closed_dates })}
            maw={420}
            error={problem?.of("hours.closed_dates")}
          />
        </>
      )}
    </Group>
  );
}

interface DayProps {
  name: string;
  windows: Windows;
  onChange: (windows: Windows) => void;
  error: string | undefined;
}

function Day({ name, windows, onChange, error }: DayProps) {
  const texts = words.hours;
  const set = (index: number, part: 0 | 1, time: string): void => {
    onChange(
      windows.map((window, i) => {
        if (i !== index) return window;
        return part === 0 ? [time, window[1]] : [window[0], time];
      }),
    );
  };
  return (
    <>
      <span>{name}</span>
      <div className={classes.windows}>
        {windows.length === 0 && <span className="dim">{texts.closed}</span>}
        {windows.map(([from, to], index) => (
          <span className={classes.window} key={index}>
            <Clock label={texts.from(name)} value={from} onChange={(at) => set(index, 0, at)} />–
            <Clock label={texts.to(name)} value={to} onChange={(at) => set(index, 1, at)} />
            <ActionIcon
              variant="subtle"
              color="gray"
              aria-label={texts.remove(name)}
              onClick={() => onChange(windows.filter((_, i) => i !== index))}
            >
              <IconX size={15} aria-hidden />
            </ActionIcon>
          </span>
        ))}
        <ActionIcon
          variant="subtle"
          color="gray"
          aria-label={texts.add(name)}
          onClick={() => onChange([...windows, ["09:00", "17:00"]])}
        >
          <IconPlus size={15} aria-hidden />
        </ActionIcon>
        {error && <span style={{ color: "var(--danger)" }}>{error}</span>}
      </div>
    </>
  );
}

/** Hours and minutes; 24:00 too, which a time input does not know. */
function Clock(props: { label: string; value: string; onChange: (time: string) => void }) {
  const { label, value, onChange } = props;
  return (
    <TextInput
      aria-label={label}
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
      error={!/^(([01]\d|2[0-3]):[0-5]\d|24:00)$/.test(value)}
      inputMode="numeric"
      maxLength={5}
      w={72}
    />
  );
}

export function DateFields({ value, onChange, problem }: FieldsProps) {
  const texts = words.dates;
  const fields = [
    ["starts_at", texts.starts(zoneName())],
    ["ends_at", texts.ends(zoneName())],
  ] as const;
  return (
    <Group title={texts.title} lead={texts.lead}>
      <div className={classes.row}>
        {fields.map(([name, label]) => (
          <TextInput
            key={name}
            type="datetime-local"
            label={label}
            w={240}
            value={toLocal(value[name])}
            onChange={(event) => onChange({ [name]: fromLocal(event.currentTarget.value) })}
            error={problem?.of(name)}
          />
        ))}
      </div>
    </Group>
  );
}

type Outcome = keyof Settings["retries"];
type Retry = NonNullable<Settings["retries"][Outcome]>;

/** What a message can end as that may be tried again. */
const OF_MESSAGES: readonly Outcome[] = ["undelivered", "expired", "failed", "congestion"];
/** Where the settings name none: off. */
const NO_RETRY = { max: 0, after_s: 4 * 3600, number: "next" } as const;

/** Mail servers send no delivery receipts. */
function retriedOf(channel: string): readonly Outcome[] {
  return channel === "email" ? OF_MESSAGES.slice(2) : OF_MESSAGES;
}

export function RetryFields({ value, onChange, problem }: FieldsProps) {
  const texts = words.retries;
  const { retries } = value;
  const sends = value.channel !== "voice";
  return (
    <Group title={texts.title} lead={sends ? messages.retries.lead : texts.lead}>
      <table className={classes.retries}>
        <thead>
          <tr>
            <th scope="col">{texts.outcome}</th>
            <th scope="col">{texts.max}</th>
            <th scope="col">{texts.after}</th>
            <th scope="col">{texts.number}</th>
          </tr>
        </thead>
        <tbody>
          {(sends ? retriedOf(value.channel) : (Object.keys(retries) as Outcome[])).map((outcome) => {
            const retry = retries[outcome] ?? NO_RETRY;
            const names = sends ? messages.outcomes : campaign.outcomes;
            const name = names[outcome] ?? String(outcome);
            const change = (part: Partial<Retry>): void =>
              onChange({ retries: { ...retries, [outcome]: { ...retry, ...part } } });
            return (
              <tr key={outcome}>
                <th scope="row">{name}</th>
                <td>
                  {sends && outcome === "congestion" ? (
                    messages.retries.untilTaken
                  ) : (
                    <Whole
                      aria-label={texts.maxOf(name)}
                      min={0}
                      max={100}
                      w={82}
                      value={retry.max}
                      onChange={(max) => change({ max })}
                      error={problem?.of(`retries.${outcome}.max`)}
                    />
                  )}
                </td>
                <td>
                  <Whole
                    aria-label={texts.afterOf(name)}
                    suffix={words.minutes}
                    min={0}
                    w={120}
                    value={Math.round(retry.after_s / 60)}
                    onChange={(minutes) => change({ after_s: minutes * 60 })}
                    error={problem?.of(`retries.${outcome}.after_s`)}
                  />
                </td>
                <td>
                  <Select
                    aria-label={texts.numberOf(name)}
                    data={Object.entries(texts.numbers).map(([each, label]) => ({
                      value: each,
                      label,
                    }))}
                    value={retry.number}
                    onChange={(number) => number && change({ number: number as Retry["number"] })}
                    allowDeselect={false}
                    w={140}
                  />
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </Group>
  );
}
