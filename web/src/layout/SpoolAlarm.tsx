/** Above every page: a cell whose results wait on its disk, or no longer fit there. */
import { useQuery } from "@tanstack/react-query";
import { IconDatabaseExclamation } from "@tabler/icons-react";

import { type Cell, cells } from "../api/people";
import classes from "../parts/Connection.module.css";
import { count } from "../parts/format";
import words from "../words/en/layout";

export function SpoolAlarm() {
  const { data } = useQuery({ ...cells, refetchInterval: 10_000 });
  const waiting = (data?.items ?? []).filter((cell) => cell.spool_full || cell.spool_bytes > 0);
  return (
    <div role="alert">
      {waiting.map((cell) => (
        <div key={cell.id} className={classes.banner} data-level={cell.spool_full ? "alarm" : "note"}>
          <IconDatabaseExclamation size={18} aria-hidden />
          <span>{said(cell)}</span>
        </div>
      ))}
    </div>
  );
}

function said(cell: Cell): string {
  return cell.spool_full
    ? words.spool.full(cell.node, count(cell.journal_waiting))
    : words.spool.waits(cell.node, count(cell.journal_waiting));
}
