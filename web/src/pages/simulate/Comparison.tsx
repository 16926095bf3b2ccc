/** A column for each pacing, a row for each figure; what is over the target says so. */
import { Table } from "@mantine/core";
import { IconAlertTriangle } from "@tabler/icons-react";
import type { ReactNode } from "react";

import type { SimulatedPacing, Simulation } from "../../api/simulations";
import { decimal, percent } from "../../parts/format";
import words from "../../words/en/simulate";
import { clockOf } from "./draft";
import { isOver, nameOf } from "./figures";
import { shownName } from "./Results";
import classes from "./Simulate.module.css";

const texts = words.rows;

interface Row {
  name: string;
  hint: string;
  cell: (figures: SimulatedPacing) => ReactNode;
}

export function Comparison({ simulation }: { simulation: Simulation }) {
  const { results, shift } = simulation;
  return (
    <div className={classes.scroll} tabIndex={0} role="region" aria-label={words.table}>
      <Table aria-label={words.table} className={classes.table} verticalSpacing={7} horizontalSpacing={14}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th scope="col">
              <span className="hidden-text">{words.figure}</span>
            </Table.Th>
            {results.map((each, index) => (
              <Table.Th key={index} scope="col">
                <Heading pacing={each.pacing} />
              </Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rowsOf(shift).map((row) => (
            <Table.Tr key={row.name}>
              <Table.Th scope="row">
                {row.name}
                <span className={classes.hint}>{row.hint}</span>
              </Table.Th>
              {results.map((each, index) => (
                <Table.Td key={index}>{row.cell(each)}</Table.Td>
              ))}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </div>
  );
}

function Heading({ pacing }: { pacing: string }) {
  const { title, ratio } = nameOf(pacing);
  const counted = ratio && (words.numbers[ratio.kind]?.(ratio.number) ?? ratio.number);
  const note = title === "clairvoyant" ? words.bound : counted;
  return (
    <>
      {shownName(pacing)}
      {note && (
        <span className={classes.hint}>{title === "best-ratio" ? words.hindsight(note) : note}</span>
      )}
    </>
  );
}

function rowsOf(shift: Simulation["shift"]): Row[] {
  const target = shift.abandonment_max;
  const rows: Row[] = [
    { name: texts.talk, hint: texts.talkHint, cell: (f) => <b>{percent(f.talk_occupancy)}</b> },
    { name: texts.busy, hint: texts.busyHint, cell: (f) => percent(f.occupancy) },
    { name: texts.us, hint: texts.usHint, cell: (f) => <Abandoned rate={f.us_abandonment} target={target} /> },
    { name: texts.uk, hint: texts.ukHint, cell: (f) => <Abandoned rate={f.uk_abandonment} target={target} /> },
    { name: texts.idle, hint: texts.idleHint, cell: (f) => seconds(f.idle_s, 1) },
    {
      name: texts.wait,
      hint: texts.waitHint,
      cell: (f) => texts.waited(seconds(f.wait_s, 2), seconds(f.waited_s_max, 1)),
    },
    { name: texts.talks, hint: texts.talksHint, cell: (f) => decimal(f.talks_per_agent_hour, 1) },
    { name: texts.calls, hint: texts.callsHint, cell: (f) => decimal(f.calls_per_agent_hour, 1) },
    {
      name: texts.total,
      hint: texts.totalHint,
      cell: (f) => texts.counted(f.calls, f.answers.answered),
    },
  ];
  if (shift.leads !== null) {
    rows.push({
      name: texts.list,
      hint: texts.listHint,
      cell: (f) =>
        f.finished_at_s === null
          ? texts.left(f.leads_left ?? 0)
          : texts.doneAt(clockOf(shift.starts_at_s + f.finished_at_s)),
    });
  }
  return rows;
}

function Abandoned({ rate, target }: { rate: number | null; target: number }) {
  if (!isOver(rate, target)) return <>{percent(rate, 2)}</>;
  return (
    <span className={classes.over}>
      <IconAlertTriangle size={14} aria-hidden />
      {percent(rate, 2)}
      <span className={classes.hint}>{words.over(target)}</span>
    </span>
  );
}

function seconds(value: number, digits: number): string {
  return `${decimal(value, digits)}${words.units.s}`;
}

