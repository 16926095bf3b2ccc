/** How people answer, and how long things take. */
import { Anchor, Button, Text, TextInput } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";

import words from "../../words/en/simulate";
import { average, type Length, type Rate } from "./draft";
import { Figure, Part, type PartProps } from "./Form";
import { Remove } from "./ShiftFields";
import classes from "./Simulate.module.css";

const texts = words.people;
const RATES_MAX = 48;

export function People(props: PartProps) {
  const { draft, onChange, problem } = props;
  return (
    <Part title={texts.title}>
      <Rates {...props} />
      <div className={classes.two}>
        <LengthField
          label={texts.ring}
          length={draft.ring}
          onChange={(ring) => onChange({ ...draft, ring })}
          error={problem?.of("shift.ring_s.mean")}
        />
        <Figure
          label={texts.timeout}
          suffix={words.units.s}
          allowDecimal={false}
          min={5}
          max={180}
          value={draft.ringTimeout}
          onChange={(ringTimeout) => onChange({ ...draft, ringTimeout })}
          error={problem?.of("shift.ring_timeout_s")}
        />
        <LengthField
          label={texts.talk}
          length={draft.talk}
          onChange={(talk) => onChange({ ...draft, talk })}
          error={problem?.of("shift.talk_s.mean")}
        />
        <LengthField
          label={texts.wrap}
          length={draft.wrap}
          onChange={(wrap) => onChange({ ...draft, wrap })}
          error={problem?.of("shift.wrap_s.mean")}
        />
      </div>
    </Part>
  );
}

function Rates({ draft, onChange, problem }: PartProps) {
  const { rates } = draft;
  const put = (index: number, change: Partial<Rate>): void =>
    onChange({
      ...draft,
      rates: rates.map((each, at) => (at === index ? { ...each, ...change } : each)),
    });
  const outOfOrder = problem?.of("shift.answer_rate");
  return (
    <div role="group" aria-label={texts.rate}>
      <Text size="sm" fw={500}>
        {texts.rate}
      </Text>
      <Text size="xs" c="dimmed" mb={6}>
        {texts.rateHint}
      </Text>
      <div className={classes.rates}>
        {rates.map((each, index) => (
          <div className={classes.break} key={index}>
            {index === 0 ? (
              <span className={classes.start}>{texts.fromStart}</span>
            ) : (
              <TextInput
                type="time"
                aria-label={texts.rateFrom(index + 1)}
                value={each.at}
                required
                onChange={(event) => put(index, { at: event.currentTarget.value })}
                error={problem?.of(`shift.answer_rate.${index}.at`) ?? outOfOrder !== undefined}
              />
            )}
            <Figure
              aria-label={index === 0 ? texts.rateFirst : texts.rateOf(index + 1)}
              suffix={words.units.percent}
              min={0}
              max={100}
              decimalScale={1}
              value={each.percent}
              onChange={(percent) => put(index, { percent })}
              error={problem?.of(`shift.answer_rate.${index}.rate`)}
            />
            {index === 0 ? (
              <span />
            ) : (
              <Remove
                label={texts.removeRate(index + 1)}
                onClick={() => onChange({ ...draft, rates: rates.filter((_, at) => at !== index) })}
              />
            )}
          </div>
        ))}
      </div>
      {outOfOrder && (
        <Text size="xs" c="red" role="alert">
          {outOfOrder}
        </Text>
      )}
      <Button
        className={classes.add}
        variant="subtle"
        size="compact-sm"
        leftSection={<IconPlus size={14} aria-hidden />}
        disabled={rates.length >= RATES_MAX}
        onClick={() => onChange({ ...draft, rates: [...rates, following(rates)] })}
      >
        {texts.addRate}
      </Button>
    </div>
  );
}

/** Two hours after the last, with its rate. */
function following(rates: readonly Rate[]): Rate {
  const last = rates.at(-1);
  if (last === undefined || rates.length === 1) return { at: "13:00", percent: last?.percent ?? 25 };
  const hour = Math.min(23, Number(last.at.slice(0, 2)) + 2);
  return { at: `${String(hour).padStart(2, "0")}:00`, percent: last.percent };
}

interface LengthProps {
  label: string;
  length: Length;
  onChange: (length: Length) => void;
  error: string | undefined;
}

/** A mean; or what was measured, which one's own mean may replace. */
function LengthField({ label, length, onChange, error }: LengthProps) {
  const { samples } = length;
  return (
    <div>
      <Figure
        label={label}
        prefix={`${texts.mean} `}
        suffix={words.units.s}
        min={0}
        max={14_400}
        decimalScale={1}
        value={samples === null ? length.mean : Math.round(10 * average(length)) / 10}
        onChange={(mean) => samples === null && onChange({ mean, samples: null })}
        readOnly={samples !== null}
        error={error}
      />
      {samples !== null && (
        <Text size="xs" c="dimmed" mt={3}>
          {texts.measured(samples.length)}{" "}
          <Anchor
            component="button"
            type="button"
            fz="inherit"
            aria-label={texts.ownMean(label)}
            onClick={() => onChange({ mean: length.mean, samples: null })}
          >
            {words.people.change}
          </Anchor>
        </Text>
      )}
    </div>
  );
}
