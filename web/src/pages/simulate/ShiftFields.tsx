/** When the shift is, and who works when. */
import { ActionIcon, Button, Text, TextInput } from "@mantine/core";
import { IconPlus, IconX } from "@tabler/icons-react";

import words from "../../words/en/simulate";
import { type Group, NEW_GROUP } from "./draft";
import { Figure, Part, type PartProps } from "./Form";
import classes from "./Simulate.module.css";

const texts = words.shift;
const GROUPS_MAX = 10;
const BREAKS_MAX = 10;

export function ShiftFields({ draft, onChange, problem }: PartProps) {
  const put = (index: number, change: Partial<Group>): void =>
    onChange({
      ...draft,
      groups: draft.groups.map((each, at) => (at === index ? { ...each, ...change } : each)),
    });
  return (
    <Part title={texts.title}>
      <div className={classes.two}>
        <TextInput
          type="time"
          label={texts.starts}
          value={draft.starts}
          required
          withAsterisk={false}
          onChange={(event) => onChange({ ...draft, starts: event.currentTarget.value })}
          error={problem?.of("shift.starts_at")}
        />
        <Figure
          label={texts.hours}
          min={0.1}
          max={24}
          step={0.5}
          decimalScale={2}
          value={draft.hours}
          onChange={(hours) => onChange({ ...draft, hours })}
          error={problem?.of("shift.hours")}
        />
      </div>
      {draft.groups.map((group, index) => (
        <GroupFields
          key={index}
          group={group}
          number={index + 1}
          alone={draft.groups.length === 1}
          problem={problem}
          onChange={(change) => put(index, change)}
          onRemove={() => onChange({ ...draft, groups: draft.groups.filter((_, at) => at !== index) })}
        />
      ))}
      {problem?.of("shift.groups") && (
        <Text size="xs" c="red" role="alert">
          {problem.of("shift.groups")}
        </Text>
      )}
      <Button
        className={classes.add}
        variant="default"
        size="compact-sm"
        leftSection={<IconPlus size={14} aria-hidden />}
        disabled={draft.groups.length >= GROUPS_MAX}
        onClick={() => onChange({ ...draft, groups: [...draft.groups, NEW_GROUP] })}
      >
        {texts.addGroup}
      </Button>
    </Part>
  );
}

interface GroupProps {
  group: Group;
  number: number;
  alone: boolean;
  problem: PartProps["problem"];
  onChange: (change: Partial<Group>) => void;
  onRemove: () => void;
}

function GroupFields({ group, number, alone, problem, onChange, onRemove }: GroupProps) {
  const wrong = (field: string) => problem?.of(`shift.groups.${number - 1}.${field}`);
  const outOfOrder = problem?.of("shift.groups") !== undefined && group.logout !== "";
  return (
    <div className={classes.group} role="group" aria-label={texts.group(number)}>
      <div className={classes.agents}>
        <Figure
          label={texts.agents}
          aria-label={texts.agentsOf(number)}
          allowDecimal={false}
          min={1}
          max={2000}
          value={group.agents}
          onChange={(agents) => onChange({ agents })}
          error={wrong("agents")}
        />
        <TextInput
          type="time"
          label={texts.login}
          aria-label={texts.loginOf(number)}
          value={group.login}
          onChange={(event) => onChange({ login: event.currentTarget.value })}
          error={wrong("login")}
        />
        <TextInput
          type="time"
          label={texts.logout}
          aria-label={texts.logoutOf(number)}
          value={group.logout}
          onChange={(event) => onChange({ logout: event.currentTarget.value })}
          error={wrong("logout") ?? outOfOrder}
        />
        {!alone && <Remove label={texts.removeGroup(number)} onClick={onRemove} />}
      </div>
      {number === 1 && (
        <Text size="xs" c="dimmed">
          {texts.whole}
        </Text>
      )}
      <Breaks group={group} number={number} onChange={onChange} wrong={wrong} />
    </div>
  );
}

interface BreaksProps extends Pick<GroupProps, "group" | "number" | "onChange"> {
  wrong: (field: string) => string | undefined;
}

function Breaks({ group, number, onChange, wrong }: BreaksProps) {
  const { breaks } = group;
  const put = (index: number, change: Partial<Group["breaks"][number]>): void =>
    onChange({ breaks: breaks.map((each, at) => (at === index ? { ...each, ...change } : each)) });
  return (
    <>
      {breaks.map((each, index) => (
        <div className={classes.break} key={index}>
          <TextInput
            type="time"
            aria-label={texts.breakAt(index + 1, number)}
            value={each.at}
            required
            onChange={(event) => put(index, { at: event.currentTarget.value })}
            error={wrong(`breaks.${index}.at`)}
          />
          <Figure
            aria-label={texts.breakMinutes(index + 1, number)}
            suffix={words.units.min}
            min={1}
            max={600}
            value={each.minutes}
            onChange={(minutes) => put(index, { minutes })}
            error={wrong(`breaks.${index}.minutes`)}
          />
          <Remove
            label={texts.removeBreak(index + 1, number)}
            onClick={() => onChange({ breaks: breaks.filter((_, at) => at !== index) })}
          />
        </div>
      ))}
      <Button
        className={classes.add}
        variant="subtle"
        size="compact-sm"
        leftSection={<IconPlus size={14} aria-hidden />}
        disabled={breaks.length >= BREAKS_MAX}
        onClick={() => onChange({ breaks: [...breaks, { at: "14:30", minutes: 15 }] })}
      >
        {texts.addBreak}
      </Button>
    </>
  );
}

export function Remove({ label, onClick }: { label: string; onClick: () => void }) {
  return (
    <ActionIcon variant="subtle" color="gray" size={36} aria-label={label} onClick={onClick}>
      <IconX size={16} aria-hidden />
    </ActionIcon>
  );
}
