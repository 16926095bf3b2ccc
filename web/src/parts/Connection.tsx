/** Whether what is shown is live: a dot in the frame, and a banner when it is not. */
import { IconWifiOff } from "@tabler/icons-react";
import { useEffect, useState } from "react";

import type { Connection } from "../live/state";
import words from "../words/en/common";
import classes from "./Connection.module.css";
import { clock } from "./format";

const LABEL: Record<Connection, string> = {
  connecting: words.connection.connecting,
  live: words.connection.live,
  lost: words.connection.lost,
  asleep: words.connection.connecting,
};

export function Dot({ connection }: { connection: Connection }) {
  return (
    <span className={classes.dot} data-state={connection}>
      {LABEL[connection]}
    </span>
  );
}

const SAY_AFTER_MS = 1500; // a blink of the network is not worth a banner

interface BannerProps {
  /** ms since 1970; null: it is not lost. */
  lostAt: number | null;
  /** What still works. */
  more: string;
}

export function LostBanner({ lostAt, more }: BannerProps) {
  const [shown, setShown] = useState(false);
  useEffect(() => {
    setShown(false);
    if (lostAt === null) return;
    const timer = setTimeout(() => setShown(true), SAY_AFTER_MS);
    return () => clearTimeout(timer);
  }, [lostAt]);
  return (
    <div role="status" aria-live="polite">
      {shown && lostAt !== null && (
        <div className={classes.banner}>
          <IconWifiOff size={18} aria-hidden />
          <span>
            {words.connection.lostBanner(clock(lostAt))} {more}
          </span>
        </div>
      )}
    </div>
  );
}
