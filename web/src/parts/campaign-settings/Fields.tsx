/** What the groups of fields share. */
import { NumberInput, type NumberInputProps } from "@mantine/core";
import type { ReactNode } from "react";

import type { Settings } from "../../api/campaign";
import type { Problem } from "../../api/problem";
import classes from "./Fields.module.css";

export interface FieldsProps {
  value: Settings;
  /** Changes some of the settings. */
  onChange: (change: Partial<Settings>) => void;
  /** What the server said is wrong. */
  problem?: Problem | null | undefined;
  /** Its id, where it exists already. */
  campaign?: number | undefined;
}

interface GroupProps {
  title: string;
  lead: string;
  children: ReactNode;
}

/** A titled group: the title to the left, the fields to the right. */
export function Group({ title, lead, children }: GroupProps) {
  return (
    <fieldset className={classes.group}>
      <legend className="hidden-text">{title}</legend>
      <div className={classes.title}>
        <h2 aria-hidden>{title}</h2>
        <p>{lead}</p>
      </div>
      <div className={classes.fields}>{children}</div>
    </fieldset>
  );
}

interface WholeProps extends Omit<NumberInputProps, "value" | "onChange"> {
  value: number;
  onChange: (value: number) => void;
}

/** A whole number; what is not one does not come through. */
export function Whole({ value, onChange, ...props }: WholeProps) {
  return (
    <NumberInput
      allowDecimal={false}
      thousandSeparator=","
      w={170}
      {...props}
      value={value}
      onChange={(typed) => typeof typed === "number" && onChange(typed)}
    />
  );
}

/** `{a: "A"}` as what a select takes. */
export function options(texts: Readonly<Record<string, string>>): { value: string; label: string }[] {
  return Object.entries(texts).map(([value, label]) => ({ value, label }));
}
