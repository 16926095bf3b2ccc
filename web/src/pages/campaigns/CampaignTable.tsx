/** The table of campaigns; on a narrow screen each row is laid out as a card. */
import { Button, Checkbox, UnstyledButton } from "@mantine/core";
import { IconArrowDown, IconArrowUp } from "@tabler/icons-react";
import { useCallback, useState } from "react";

import words from "../../words/en/campaigns";
import { CampaignRow } from "./CampaignRow";
import classes from "./CampaignTable.module.css";
import type { Sort, SortKey } from "./order";

const STEP = 200; // rows; more would only make the page slow to no use

interface Props {
  ids: readonly number[];
  sort: Sort;
  onSort: (sort: Sort) => void;
  chosen: ReadonlySet<number>;
  onChoose: (chosen: (now: ReadonlySet<number>) => ReadonlySet<number>) => void;
}

export function CampaignTable({ ids, sort, onSort, chosen, onChoose }: Props) {
  const [most, setMost] = useState(STEP);
  const rows = ids.slice(0, most);
  const all = rows.every((id) => chosen.has(id));
  const some = rows.some((id) => chosen.has(id));

  const choose = useCallback(
    (id: number, yes: boolean) => {
      onChoose((now) => {
        const next = new Set(now);
        if (yes) next.add(id);
        else next.delete(id);
        return next;
      });
    },
    [onChoose],
  );
  const head = (key: SortKey, numeric = false) => (
    <Head name={key} sort={sort} onSort={onSort} numeric={numeric} />
  );

  return (
    <>
      <div className={classes.frame}>
      <table className={`card ${classes.table}`} aria-label={words.table}>
        <thead>
          <tr>
            <th scope="col" className={classes.check}>
              <Checkbox
                size="xs"
                aria-label={words.selectAll}
                checked={all}
                indeterminate={some && !all}
                onChange={() => onChoose(() => new Set(all ? [] : rows))}
              />
            </th>
            {head("name")}
            {head("status")}
            {head("progress")}
            {head("flight", true)}
            {head("received", true)}
            {head("answered", true)}
            {head("duration", true)}
            <th scope="col">{words.columns.agents}</th>
            <th scope="col">{words.columns.hours}</th>
            <th scope="col">
              <span className="hidden-text">{words.columns.action}</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map((id) => (
            <CampaignRow key={id} id={id} chosen={chosen.has(id)} onChoose={choose} />
          ))}
        </tbody>
      </table>
      </div>
      {ids.length > most && (
        <Button variant="default" mt="md" onClick={() => setMost(most + STEP)}>
          {words.more(Math.min(STEP, ids.length - most))}
        </Button>
      )}
    </>
  );
}

interface HeadProps {
  name: SortKey;
  sort: Sort;
  onSort: (sort: Sort) => void;
  numeric: boolean;
}

function Head({ name, sort, onSort, numeric }: HeadProps) {
  const here = sort.key === name;
  const Arrow = sort.descending ? IconArrowDown : IconArrowUp;
  const turn = (): void => {
    const first = numeric || name === "progress"; // figures: the most first
    onSort({ key: name, descending: here ? !sort.descending : first });
  };
  return (
    <th
      scope="col"
      className={numeric ? classes.numeric : undefined}
      aria-sort={here ? (sort.descending ? "descending" : "ascending") : undefined}
    >
      <UnstyledButton className={classes.sort} onClick={turn} data-here={here || undefined}>
        {words.columns[name]}
        <Arrow size={13} aria-hidden className={classes.arrow} />
      </UnstyledButton>
    </th>
  );
}
