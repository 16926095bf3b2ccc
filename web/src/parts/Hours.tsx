import { IconClock, IconClockCheck, IconClockPause } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";

import { activityHours } from "../api/activityHours";
import common from "../words/en/common";
import words from "../words/en/hours";
import { clockInPlace } from "./format";
import classes from "./Hours.module.css";

const ICON = { open: IconClockCheck, partly: IconClock, closed: IconClockPause } as const;

/** Whether people may be reached now, and until when that holds, by the clock of where it changes. */
export function Hours({ id, line = false }: { id: number; line?: boolean }) {
  const found = useQuery(activityHours).data?.get(id);
  if (found === undefined) return line ? null : <span className="dim">{common.notYet}</span>;
  const Icon = ICON[found.openness];
  const [zone] = found.zone?.split("|") ?? [];
  return (
    <span className={classes.hours} data-openness={found.openness} data-line={line || undefined}>
      <span className={classes.state}>
        <Icon size={15} aria-hidden />
        {found.always ? words.always : words.openness[found.openness]}
      </span>
      {found.changes_at !== null && zone !== undefined && (
        <span className={classes.until} title={zone}>
          {words.until(clockInPlace(found.changes_at, zone), words.place(zone))}
        </span>
      )}
    </span>
  );
}
