/** What calls cost, and the rules by which the campaign pauses itself. */
import { NumberInput, Select, Switch, Text, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";

import type { Settings } from "../../api/campaign";
import { pauseRules, type Standing } from "../../api/pauseRules";
import words from "../../words/en/pauseRules";
import { ZoneSelect } from "../ZoneSelect";
import { type FieldsProps, Group, Whole } from "./Fields";
import classes from "./Fields.module.css";

type Rules = Settings["pause_rules"];
type Name = keyof Rules;

export function PriceFields({ value, onChange, problem }: FieldsProps) {
  const texts = words.price;
  const { price } = value;
  const change = (part: Partial<Settings["price"]>) => onChange({ price: { ...price, ...part } });
  const voice = value.channel === "voice";
  return (
    <Group title={texts.title} lead={voice ? texts.lead : texts.leadMessages}>
      <div className={classes.row}>
        {voice && (
          <>
            <Money
              label={texts.perMinute}
              value={price.per_minute}
              digits={6}
              onChange={(per_minute) => change({ per_minute: per_minute ?? "0" })}
              error={problem?.of("price.per_minute")}
            />
            <Whole
              label={texts.increment}
              description={texts.incrementHint}
              inputWrapperOrder={["label", "input", "description", "error"]}
              suffix=" s"
              min={1}
              max={3600}
              value={price.increment_s}
              onChange={(increment_s) => change({ increment_s })}
              error={problem?.of("price.increment_s")}
            />
          </>
        )}
        <Money
          label={voice ? texts.perAttempt : texts.perMessage}
          value={price.per_attempt}
          digits={6}
          onChange={(per_attempt) => change({ per_attempt: per_attempt ?? "0" })}
          error={problem?.of("price.per_attempt")}
        />
        <TextInput
          label={texts.currency}
          value={price.currency}
          onChange={(event) => change({ currency: event.currentTarget.value.toUpperCase() })}
          maxLength={3}
          w={90}
          error={problem?.of("price.currency")}
        />
      </div>
    </Group>
  );
}

export function RuleFields({ value, onChange, problem, campaign }: FieldsProps) {
  const texts = words.rules;
  const rules = value.pause_rules;
  const found = useQuery({ ...pauseRules(campaign ?? 0), enabled: campaign !== undefined }).data;
  const change = <Each extends Name>(name: Each, part: Partial<Rules[Each]>) =>
    onChange({ pause_rules: { ...rules, [name]: { ...rules[name], ...part } } });
  const wrong = (field: string) => problem?.of(`pause_rules.${field}`);
  const field = <Each extends Name, Key extends keyof Rules[Each]>(name: Each, key: Key) => ({
    value: rules[name][key],
    onChange: (value: Rules[Each][Key]) =>
      change(name, { [key]: value } as Pick<Rules[Each], Key> & Partial<Rules[Each]>),
    error: wrong(`${name}.${String(key)}`),
  });
  const frame = (name: Name) => ({
    name,
    on: rules[name].enabled,
    onSwitch: (enabled: boolean) => change(name, { enabled }),
    standings: found?.standings.filter(({ rule }) => rule === name) ?? [],
  });
  const voice = value.channel === "voice";
  return (
    <Group title={texts.title} lead={texts.lead}>
      {!voice && (
        <Rule {...frame("providers_down")}>
          <Whole label={texts.downFor} suffix=" s" min={5} max={3600} {...field("providers_down", "for_s")} />
        </Rule>
      )}
      <Rule
        {...frame("carrier_failures")}
        texts={voice ? undefined : texts.carrierFailuresOfMessages}
      >
        <Percent label={texts.allowed} {...field("carrier_failures", "share_max")} />
        <Minutes {...field("carrier_failures", "window_s")} />
        <Least
          label={voice ? texts.least : texts.leastMessages}
          {...field("carrier_failures", "calls_min")}
        />
      </Rule>
      {voice && (
        <>
          <Rule {...frame("abandonment")}>
            <Percent label={texts.in30Days} {...field("abandonment", "share_max")} />
            <PercentOrNone label={texts.in24Hours} {...field("abandonment", "day_share_max")} />
            <Least label={texts.least} {...field("abandonment", "calls_min")} />
          </Rule>
          <Rule {...frame("answer_rate")}>
            <Percent label={texts.kept} {...field("answer_rate", "ratio_min")} />
            <Minutes {...field("answer_rate", "window_s")} />
            <Least label={texts.least} {...field("answer_rate", "calls_min")} />
          </Rule>
          <Rule {...frame("no_agents")}>
            <Whole
              label={texts.agentsFor}
              suffix=" s"
              min={5}
              max={3600}
              {...field("no_agents", "for_s")}
            />
          </Rule>
        </>
      )}
      <Rule {...frame("budget")} problem={wrong("budget")}>
        <BudgetFields
          value={rules.budget}
          currency={value.price.currency}
          onChange={(part) => change("budget", part)}
          wrong={wrong}
        />
      </Rule>
    </Group>
  );
}

interface RuleProps {
  name: Name;
  on: boolean;
  onSwitch: (on: boolean) => void;
  standings: Standing[];
  problem?: string | undefined;
  /** Other words than the rule's own. */
  texts?: { name: string; means: string } | undefined;
  children: ReactNode;
}

/** One rule: on or off, in a sentence; its thresholds; how it stands now. */
function Rule({ name, on, onSwitch, standings, problem, texts: other, children }: RuleProps) {
  const texts = other ?? words.rules.each[name];
  return (
    <div className={classes.rule} role="group" aria-label={texts.name}>
      <Switch
        label={texts.name}
        description={texts.means}
        checked={on}
        onChange={(event) => onSwitch(event.currentTarget.checked)}
        error={problem}
      />
      {on && (
        <div className={classes.ruleFields}>
          <div className={classes.row}>{children}</div>
          {standings.map((one) => (
            <Text key={one.evidence.sentence} size="xs" c="dimmed">
              {words.rules.now(one)}
            </Text>
          ))}
        </div>
      )}
    </div>
  );
}

interface BudgetProps {
  value: Rules["budget"];
  currency: string;
  onChange: (part: Partial<Rules["budget"]>) => void;
  wrong: (field: string) => string | undefined;
}

function BudgetFields({ value, currency, onChange, wrong }: BudgetProps) {
  const texts = words.rules;
  const hasDay = value.attempts_day !== null || value.cost_day !== null;
  return (
    <>
      <Count
        label={texts.attempts}
        value={value.attempts}
        onChange={(attempts) => onChange({ attempts })}
        error={wrong("budget.attempts")}
      />
      <Count
        label={texts.attemptsDay}
        value={value.attempts_day}
        onChange={(attempts_day) => onChange({ attempts_day })}
        error={wrong("budget.attempts_day")}
      />
      <Money
        label={texts.cost(currency)}
        placeholder={texts.noLimit}
        value={value.cost}
        digits={2}
        onChange={(cost) => onChange({ cost })}
        error={wrong("budget.cost")}
      />
      <Money
        label={texts.costDay(currency)}
        placeholder={texts.noLimit}
        value={value.cost_day}
        digits={2}
        onChange={(cost_day) => onChange({ cost_day })}
        error={wrong("budget.cost_day")}
      />
      {hasDay && (
        <>
          <ZoneSelect
            label={texts.dayZone}
            value={value.day_zone}
            onChange={(zone) => onChange({ day_zone: zone ?? "UTC" })}
            w={230}
          />
          <Select
            label={texts.atMidnight}
            data={[
              { value: "yes", label: texts.goesOn },
              { value: "no", label: texts.staysPaused },
            ]}
            value={value.resume_next_day ? "yes" : "no"}
            onChange={(choice) => onChange({ resume_next_day: choice === "yes" })}
            allowDeselect={false}
            w={230}
          />
        </>
      )}
    </>
  );
}

interface NumberProps<Value> {
  label: string;
  value: Value;
  onChange: (value: Value) => void;
  error?: string | undefined;
  placeholder?: string;
}

function Percent({ onChange, ...props }: NumberProps<number>) {
  return (
    <PercentOrNone
      placeholder=""
      {...props}
      onChange={(share) => share !== null && onChange(share)}
    />
  );
}

function PercentOrNone({ value, onChange, ...props }: NumberProps<number | null>) {
  return (
    <NumberInput
      suffix=" %"
      min={0.1}
      max={99.9}
      decimalScale={2}
      w={170}
      placeholder={words.rules.noLimit}
      {...props}
      value={value === null ? "" : round(value * 100)}
      onChange={(typed) => onChange(typeof typed === "number" ? round(typed) / 100 : null)}
    />
  );
}

function Count({ value, onChange, ...props }: NumberProps<number | null>) {
  return (
    <NumberInput
      allowDecimal={false}
      thousandSeparator=","
      min={1}
      w={170}
      placeholder={words.rules.noLimit}
      {...props}
      value={value ?? ""}
      onChange={(typed) => onChange(typeof typed === "number" ? typed : null)}
    />
  );
}

/** Money is a decimal number in a text, so that nothing is rounded on the way. */
function Money({
  value,
  onChange,
  digits,
  ...props
}: NumberProps<string | null> & { digits: number }) {
  return (
    <NumberInput
      min={0}
      decimalScale={digits}
      thousandSeparator=","
      w={170}
      {...props}
      value={value ?? ""}
      onChange={(typed) => onChange(typed === "" ? null : String(typed))}
    />
  );
}

function Minutes({ value, onChange, error }: Omit<NumberProps<number>, "label">) {
  return (
    <Whole
      label={words.rules.window}
      suffix=" min"
      min={1}
      max={60}
      value={Math.round(value / 60)}
      onChange={(minutes) => onChange(minutes * 60)}
      error={error}
    />
  );
}

function Least({ label, value, onChange, error }: NumberProps<number>) {
  return (
    <Whole
      label={label}
      min={20}
      max={1_000_000}
      value={value}
      onChange={onChange}
      error={error}
    />
  );
}

function round(percent: number): number {
  return Math.round(percent * 100) / 100;
}
