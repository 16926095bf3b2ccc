/** Messages that a voice campaign sends after an outcome: "we missed you", a confirmation. */
import { Button, MultiSelect, NumberInput, Select } from "@mantine/core";
import { IconPlus, IconTrash } from "@tabler/icons-react";

import type { Settings } from "../../api/campaign";
import campaign from "../../words/en/campaign";
import words from "../../words/en/messages";
import { type FieldsProps, Group } from "./Fields";
import classes from "./Fields.module.css";
import { OptOutInputs, SenderInputs, TemplateInputs, TEXT } from "./MessageFields";

type FollowUp = Settings["follow_ups"][number];
type Outcome = FollowUp["after"][number];
const texts = words.followUps;

/** What a call can come to that somebody may be written to about. */
const AFTER: readonly Outcome[] = ["no_answer", "busy", "declined", "answered", "abandoned"];
const MOST = 10;
export const FOLLOW_UP: FollowUp = {
  after: ["no_answer", "busy"],
  channel: "sms",
  delay_s: 60,
  text: TEXT,
};

export function FollowUpFields({ value, onChange, problem }: FieldsProps) {
  const all = value.follow_ups;
  const put = (index: number, next: FollowUp): void =>
    onChange({ follow_ups: all.map((each, i) => (i === index ? next : each)) });
  return (
    <Group title={texts.title} lead={texts.lead}>
      {all.map((each, index) => (
        <Rule
          key={index}
          number={index + 1}
          value={each}
          onChange={(next) => put(index, next)}
          onRemove={() => onChange({ follow_ups: all.filter((_, i) => i !== index) })}
          // A refusal of the values names it ".0.", what a start misses "[0].".
          wrong={(field) =>
            problem?.of(`follow_ups.${index}.${field}`) ?? problem?.of(`follow_ups[${index}].${field}`)
          }
        />
      ))}
      {all.length < MOST && (
        <div>
          <Button
            variant="default"
            size="compact-sm"
            leftSection={<IconPlus size={14} aria-hidden />}
            onClick={() => onChange({ follow_ups: [...all, FOLLOW_UP] })}
          >
            {all.length === 0 ? texts.addFirst : texts.add}
          </Button>
        </div>
      )}
    </Group>
  );
}

interface RuleProps {
  number: number;
  value: FollowUp;
  onChange: (value: FollowUp) => void;
  onRemove: () => void;
  wrong: (field: string) => string | undefined;
}

function Rule({ number, value, onChange, onRemove, wrong }: RuleProps) {
  const change = (part: Partial<FollowUp>): void => onChange({ ...value, ...part });
  const inputs = {
    text: value.text,
    change: (part: Partial<FollowUp["text"]>) => change({ text: { ...value.text, ...part } }),
    email: value.channel === "email",
    wrong: (field: string) => wrong(`text.${field}`),
  };
  const known = [...new Set([...AFTER, ...value.after])];
  return (
    <section className={classes.followUp} aria-label={texts.one(number)}>
      <header>
        <h3>{texts.one(number)}</h3>
        <Button
          variant="subtle"
          color="gray"
          size="compact-sm"
          leftSection={<IconTrash size={14} aria-hidden />}
          aria-label={texts.removeOne(number)}
          onClick={onRemove}
        >
          {texts.remove}
        </Button>
      </header>
      <MultiSelect
        label={texts.after}
        data={known.map((each) => ({ value: each, label: campaign.outcomes[each] ?? each }))}
        value={value.after}
        onChange={(after) => change({ after: after as Outcome[] })}
        error={wrong("after") ?? (value.after.length === 0 ? texts.afterNone : undefined)}
      />
      <div className={classes.row}>
        <NumberInput
          label={texts.delay}
          suffix=" min"
          min={0}
          max={10_080}
          decimalScale={2}
          w={170}
          value={Math.round(value.delay_s / 0.6) / 100}
          onChange={(minutes) =>
            typeof minutes === "number" && change({ delay_s: Math.round(minutes * 60) })
          }
          error={wrong("delay_s")}
        />
        <Select
          label={words.channel}
          data={[
            { value: "sms", label: words.channels["sms"] ?? "" },
            { value: "email", label: words.channels["email"] ?? "" },
          ]}
          value={value.channel}
          onChange={(channel) => channel && change({ channel: channel as FollowUp["channel"] })}
          allowDeselect={false}
          w={170}
        />
      </div>
      <TemplateInputs {...inputs} whole={wrong("text")} />
      <SenderInputs {...inputs} />
      <details className={classes.more}>
        <summary>{words.fields.optOut}</summary>
        <div className={classes.fields}>
          <OptOutInputs {...inputs} />
        </div>
      </details>
    </section>
  );
}
