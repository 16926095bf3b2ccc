/** How fast pauses are here, and whether that is still what was promised. */
import { useQuery } from "@tanstack/react-query";
import { IconAlertTriangleFilled, IconCircleCheckFilled, IconClock } from "@tabler/icons-react";

import type { Api } from "../../api/client";
import { promise } from "../../api/promise";
import { count, latency } from "../../parts/format";
import words from "../../words/en/wallboard";
import { kept } from "./wall";
import classes from "./Wallboard.module.css";

type Spread = Api<"SpreadView"> | null | undefined;

const STATE = {
  kept: { icon: IconCircleCheckFilled, label: words.kept },
  broken: { icon: IconAlertTriangleFilled, label: words.broken },
  none: { icon: IconClock, label: words.noPause },
  unknown: { icon: IconClock, label: words.unread },
} as const;

export function PromiseTile() {
  const { data, isPending, isError } = useQuery(promise);
  const state = kept(isError ? undefined : data);
  const { icon: Icon, label } = STATE[state];
  return (
    <div className={classes.tile} data-promise={state}>
      <h2>
        {words.tiles.promise}
        {!isPending && (
          <span className={classes.state} role="status">
            <Icon size={20} aria-hidden />
            {label}
          </span>
        )}
      </h2>
      {data !== undefined && data.pauses > 0 && (
        <>
          <dl className={classes.spreads}>
            <Figure label={words.lastCall} spread={data.last_launch_ms} />
            <Figure label={words.silence} spread={data.confirmation_ms} />
          </dl>
          <p className={classes.hint}>
            {data.alarms.length > 0
              ? data.alarms.join(" ")
              : words.over(
                  data.pauses === 1
                    ? words.pauses[0]
                    : `${count(data.pauses)} ${words.pauses[1]}`,
                  data.by_expiry > 0 ? count(data.by_expiry) : null,
                )}
          </p>
        </>
      )}
    </div>
  );
}

function Figure({ label, spread }: { label: string; spread: Spread }) {
  return (
    <div>
      <dt>{label}</dt>
      <dd className="num">
        {spread ? latency(spread.p99) : "—"}
        {spread && <small>{words.p99(latency(spread.p50))}</small>}
      </dd>
    </div>
  );
}
