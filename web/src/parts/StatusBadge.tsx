import {
  IconCheck,
  IconPencil,
  IconPlayerPauseFilled,
  IconPlayerPlayFilled,
  IconPlayerStopFilled,
} from "@tabler/icons-react";

import type { Campaign } from "../live/state";
import words from "../words/en/common";
import classes from "./StatusBadge.module.css";

type Status = Campaign["status"];

const ICON = {
  draft: IconPencil,
  running: IconPlayerPlayFilled,
  pausing: IconPlayerPauseFilled,
  paused: IconPlayerPauseFilled,
  terminating: IconPlayerStopFilled,
  terminated: IconPlayerStopFilled,
  completed: IconCheck,
} as const;

/** The status by shape, word and colour, in this order of trust. */
export function StatusBadge({ status, large = false }: { status: Status; large?: boolean }) {
  const Icon = ICON[status];
  return (
    <span className={classes.badge} data-status={status} data-large={large || undefined}>
      <Icon size={large ? 14 : 11} aria-hidden />
      {words.status[status]}
    </span>
  );
}
