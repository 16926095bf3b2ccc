/** How long a pause lasts: until somebody resumes, for a time, until a time, or on a condition. */
import { NumberInput, SegmentedControl, Select, Text, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";

import { campaignSettings, type Settings } from "../../api/campaign";
import words from "../../words/en/lifecycle";
import { zoneName } from "../format";
import classes from "./Dialogs.module.css";
import { ANY_TRUNK, firstCondition, inMinutes, nextAt, possible, type Until } from "./until";

interface Props {
  until: Until;
  onChange: (until: Until) => void;
  /** What is wrong is said only once somebody tried to go on. */
  checked: boolean;
  resumeAt: Date | null | "wrong";
  /** Whose trunks there are to choose from; null: of several campaigns, any of each. */
  campaign: number | null;
  /** Ends at a time or by hand, on no condition. */
  noCondition?: boolean;
}

const texts = words.dialog;

export function HowLong({
  until,
  onChange,
  checked,
  resumeAt,
  campaign,
  noCondition = false,
}: Props) {
  const found = useQuery({ ...campaignSettings(campaign ?? 0), enabled: campaign !== null }).data;
  const settings = campaign === null ? null : found?.settings;
  const condition = settings === undefined ? null : firstCondition(settings);
  const choose = (kind: string): void => {
    if (kind === "minutes") onChange({ kind, minutes: 45 });
    else if (kind === "time") onChange({ kind, time: nextAt(new Date()) });
    else onChange((kind === "condition" && condition) || { kind: "resumed" });
  };
  const wrong = checked && resumeAt === "wrong";
  return (
    <div>
      <Text size="sm" fw={500} mb={4} id="how-long">
        {texts.howLong}
      </Text>
      <div className={classes.howLong}>
        <SegmentedControl
          aria-labelledby="how-long"
          value={until.kind}
          onChange={choose}
          className={classes.kinds}
          data={[
            { value: "resumed", label: texts.untilResumed },
            { value: "minutes", label: texts.forMinutes },
            { value: "time", label: texts.untilTime },
            ...(noCondition
              ? []
              : [{ value: "condition", label: texts.untilCondition, disabled: condition === null }]),
          ]}
        />
        {until.kind === "minutes" && (
          <NumberInput
            aria-label={texts.minutes}
            w={120}
            min={1}
            max={1440}
            suffix=" min"
            allowDecimal={false}
            value={until.minutes}
            onChange={(value) => onChange({ kind: "minutes", minutes: Number(value) })}
            error={wrong && texts.minutesWrong}
          />
        )}
        {until.kind === "time" && (
          <TextInput
            type="time"
            aria-label={texts.time(zoneName())}
            w={130}
            value={until.time}
            onChange={(event) => onChange({ kind: "time", time: event.currentTarget.value })}
            error={wrong && texts.past}
          />
        )}
        {until.kind === "condition" && settings !== undefined && (
          <Condition until={until} onChange={onChange} settings={settings} wrong={wrong} />
        )}
      </div>
      {resumeAt instanceof Date && inMinutes(until) && (
        <Text size="xs" c="dimmed" mt={6}>
          {texts.resumesThen(resumeAt)}
        </Text>
      )}
      {until.kind === "condition" && (
        <Text size="xs" c="dimmed" mt={6}>
          {texts.conditionHint[until.what]}
        </Text>
      )}
    </div>
  );
}

interface ConditionProps {
  until: Extract<Until, { kind: "condition" }>;
  onChange: (until: Until) => void;
  settings: Settings | null;
  wrong: boolean;
}

function Condition({ until, onChange, settings, wrong }: ConditionProps) {
  const { hoursOpen, anyTrunk } = possible(settings);
  const trunks = settings?.trunks ?? [];
  const value = until.what === "hours_open" ? "hours_open" : `trunk ${until.trunk}`;
  return (
    <>
      <Select
        aria-label={texts.condition}
        className={classes.condition}
        allowDeselect={false}
        value={value}
        onChange={(picked) => {
          if (picked === null) return;
          const [what, trunk] =
            picked === "hours_open"
              ? (["hours_open", ANY_TRUNK] as const)
              : (["trunk_reachable", picked.slice("trunk ".length)] as const);
          onChange({ ...until, what, trunk });
        }}
        data={[
          {
            value: "hours_open",
            label: hoursOpen ? texts.hoursOpen : texts.alwaysOpen,
            disabled: !hoursOpen,
          },
          {
            value: `trunk ${ANY_TRUNK}`,
            label: anyTrunk ? texts.anyTrunk : texts.noTrunk,
            disabled: !anyTrunk,
          },
          ...trunks.map((name) => ({ value: `trunk ${name}`, label: texts.oneTrunk(name) })),
        ]}
      />
      {until.what === "trunk_reachable" && (
        <NumberInput
          aria-label={texts.forSeconds}
          w={130}
          min={0}
          max={86_400}
          prefix={texts.forPrefix}
          suffix=" s"
          allowDecimal={false}
          value={until.for_s}
          onChange={(typed) => onChange({ ...until, for_s: Number(typed) })}
          error={wrong && texts.secondsWrong}
        />
      )}
    </>
  );
}
