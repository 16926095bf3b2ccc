/** What the tables of trunks and of providers show alike: where one is, and how the cells see it. */
import {
  IconAlertTriangle,
  IconCircleCheck,
  IconCircleDashed,
  IconCircleOff,
} from "@tabler/icons-react";
import type { ReactNode } from "react";

import { clock } from "../../parts/format";
import words from "../../words/en/numbers";
import type { Health } from "./health";
import classes from "./Numbers.module.css";

interface Server {
  host: string;
  port: number;
  username: string | null;
  has_password: boolean;
}

export function Address({ of }: { of: Server }) {
  return (
    <>
      <span className="mono">
        {of.host}:{of.port}
      </span>
      {of.username && (
        <span className={classes.beside}>
          {of.username}
          {of.has_password && `, ${words.trunks.withPassword}`}
        </span>
      )}
    </>
  );
}

const ICON = {
  answers: IconCircleCheck,
  silent: IconAlertTriangle,
  unknown: IconCircleDashed,
  off: IconCircleOff,
} as const satisfies Record<Health, unknown>;

interface SeenProps {
  health: Health;
  /** How that is called, and what else is to be said in the same line. */
  children: ReactNode;
  hint?: string | false;
  /** What the cell saw that sees it worst. */
  worst: { node: string; at: string; detail: string | null } | undefined;
  seenBy: (node: string, at: string) => string;
}

export function Seen({ health, children, hint, worst, seenBy }: SeenProps) {
  const Icon = ICON[health];
  return (
    <span className={classes.health} data-health={health}>
      <span className={classes.word}>
        <Icon size={16} aria-hidden /> {children}
      </span>
      {hint && <span className={classes.beside}>{hint}</span>}
      {health !== "off" && worst && (
        <span className={classes.beside}>
          {worst.detail ? `${worst.detail} · ` : ""}
          {seenBy(worst.node, clock(worst.at))}
        </span>
      )}
    </span>
  );
}
