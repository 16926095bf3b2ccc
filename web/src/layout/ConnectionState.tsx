/** Whether what is shown is live: a dot in the frame, and a banner when it is not. */
import { IconWifiOff } from "@tabler/icons-react";
import { useEffect, useState } from "react";

import { type Connection } from "../live/state";
import { useConnection, useLive } from "../live/store";
import { clock } from "../parts/format";
import words from "../words/en/common";
import classes from "./ConnectionState.module.css";

const LABEL: Record<Connection, string> = {
  connecting: words.connection.connecting,
  live: words.connection.live,
  lost: words.connection.lost,
  asleep: words.connection.connecting,
};

export function ConnectionDot() {
  const connection = useConnection();
  return (
    <span className={classes.dot} data-state={connection}>
      {LABEL[connection]}
    </span>
  );
}

const SAY_AFTER_MS = 1500; // a blink of the network is not worth a banner

export function ConnectionBanner() {
  const lostAt = useLive((now) => now.lostAt);
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
            {words.connection.lostBanner(clock(lostAt))} {words.connection.lostPause}
          </span>
        </div>
      )}
    </div>
  );
}
