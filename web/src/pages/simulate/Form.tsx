/** The form: who works when, how people answer, the list, and which pacings are compared. */
import { Checkbox, NumberInput, type NumberInputProps, Select, Switch } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import type { ReactNode } from "react";

import { asProblem, type Problem } from "../../api/problem";
import { shiftLike } from "../../api/simulations";
import { useCampaignNames } from "../../parts/campaignNames";
import { zoneId } from "../../parts/format";
import words from "../../words/en/simulate";
import { type Choice, CHOICES, type Draft, filledFrom } from "./draft";
import { People } from "./People";
import { ShiftFields } from "./ShiftFields";
import classes from "./Simulate.module.css";

export interface PartProps {
  draft: Draft;
  onChange: (draft: Draft) => void;
  problem: Problem | null;
}

export function Form(props: PartProps) {
  return (
    <div className="card">
      <Like {...props} />
      <ShiftFields {...props} />
      <People {...props} />
      <List {...props} />
      <Pacings {...props} />
    </div>
  );
}

export function Part({ title, children }: { title: string; children: ReactNode }) {
  return (
    <fieldset className={classes.part}>
      <legend>{title}</legend>
      {children}
    </fieldset>
  );
}

interface NumberProps extends Omit<NumberInputProps, "value" | "onChange"> {
  value: number;
  onChange: (value: number) => void;
}

/** A number; what is not one does not come through. */
export function Figure({ value, onChange, ...props }: NumberProps) {
  return (
    <NumberInput
      thousandSeparator=","
      size="sm"
      {...props}
      value={value}
      onChange={(typed) => typeof typed === "number" && onChange(typed)}
    />
  );
}

function Like({ draft, onChange }: PartProps) {
  const names = useCampaignNames();
  const learning = useMutation({
    mutationFn: (campaign: string) => shiftLike(campaign, zoneId()),
    onSuccess: (learnt, campaign) => onChange(filledFrom(draft, learnt, campaign)),
  });
  const { like } = draft;
  return (
    <div className={classes.like}>
      <Select
        label={words.like}
        description={like ? words.likeDone(like.calls, like.zone) : words.likeHint}
        inputWrapperOrder={["label", "input", "description", "error"]}
        placeholder={words.likePlaceholder}
        data={names}
        value={learning.isPending ? learning.variables : (like?.campaign ?? null)}
        onChange={(campaign) => {
          learning.reset();
          if (campaign === null) onChange({ ...draft, like: null });
          else learning.mutate(campaign);
        }}
        disabled={learning.isPending || names.length === 0}
        error={learning.error ? asProblem(learning.error).message : undefined}
        searchable
        clearable
      />
    </div>
  );
}

function List({ draft, onChange, problem }: PartProps) {
  const texts = words.list;
  const { leads } = draft;
  return (
    <Part title={texts.title}>
      <Switch
        label={texts.endless}
        checked={leads === null}
        onChange={(event) => onChange({ ...draft, leads: event.currentTarget.checked ? null : 5000 })}
      />
      {leads !== null && (
        <div className={classes.three}>
          <Figure
            label={texts.leads}
            allowDecimal={false}
            min={1}
            max={10_000_000}
            value={leads}
            onChange={(value) => onChange({ ...draft, leads: value })}
            error={problem?.of("shift.leads")}
          />
          <Figure
            label={texts.tries}
            allowDecimal={false}
            min={1}
            max={100}
            value={draft.tries}
            onChange={(tries) => onChange({ ...draft, tries })}
            error={problem?.of("shift.tries")}
          />
          <Figure
            label={texts.retry}
            suffix={words.units.min}
            min={0}
            max={129_600}
            value={draft.retryMinutes}
            onChange={(retryMinutes) => onChange({ ...draft, retryMinutes })}
            error={problem?.of("shift.retry_s")}
          />
        </div>
      )}
    </Part>
  );
}

function Pacings({ draft, onChange, problem }: PartProps) {
  const texts = words.pacing;
  const wrong = problem?.fields.find(({ field }) => field.startsWith("pacings"))?.message;
  return (
    <Part title={texts.title}>
      <Checkbox.Group
        value={draft.pacings}
        onChange={(pacings) => onChange({ ...draft, pacings: pacings as Choice[] })}
        error={draft.pacings.length === 0 ? words.choose : wrong}
        aria-label={texts.title}
      >
        <div className={classes.choices}>
          {CHOICES.map((choice) => (
            <Checkbox
              key={choice}
              value={choice}
              label={words.choices[choice]}
              description={words.choiceHints[choice]}
            />
          ))}
        </div>
      </Checkbox.Group>
      <div className={classes.two}>
        {draft.pacings.includes("ratio") && (
          <Figure
            label={texts.ratio}
            min={0.1}
            max={100}
            step={0.5}
            decimalScale={2}
            value={draft.ratio}
            onChange={(ratio) => onChange({ ...draft, ratio })}
          />
        )}
        <Figure
          label={texts.target}
          suffix={words.units.percent}
          min={0}
          max={20}
          step={0.5}
          decimalScale={2}
          value={draft.targetPercent}
          onChange={(targetPercent) => onChange({ ...draft, targetPercent })}
          error={problem?.of("shift.abandonment_max")}
        />
        <Figure
          label={texts.wait}
          suffix={words.units.s}
          min={0}
          max={10}
          decimalScale={1}
          value={draft.waitS}
          onChange={(waitS) => onChange({ ...draft, waitS })}
          error={problem?.of("shift.wait_s")}
        />
        <Figure
          label={texts.seed}
          allowDecimal={false}
          min={0}
          max={1_000_000}
          value={draft.seed}
          onChange={(seed) => onChange({ ...draft, seed })}
          error={problem?.of("shift.seed")}
          description={texts.seedHint}
          inputWrapperOrder={["label", "input", "description", "error"]}
        />
      </div>
    </Part>
  );
}
