import { IconCoffee, IconHeadset, IconPhoneCall, IconPhoneOutgoing, IconUserSearch, IconWriting } from "@tabler/icons-react";

import type { LiveDesk } from "../api/agents";
import agents from "../words/en/agents";
import desk from "../words/en/desk";
import { duration, secondsBetween } from "./format";
import classes from "./PresenceBadge.module.css";

const ICON = {
  available: IconHeadset,
  preview: IconUserSearch,
  calling: IconPhoneOutgoing,
  on_call: IconPhoneCall,
  wrap_up: IconWriting,
  break: IconCoffee,
  offline: IconHeadset,
} as const;

/** What an agent does, since when, by shape, word and colour. */
export function PresenceBadge({ desk: live, now }: { desk: LiveDesk | null; now: number }) {
  if (live === null) return <span className="dim">{desk.presence.offline}</span>;
  const Icon = ICON[live.presence];
  return (
    <span className={classes.box}>
      <span className={classes.badge} data-presence={live.presence}>
        <Icon size={13} aria-hidden />
        {desk.presence[live.presence]}
      </span>
      <span className="dim num">
        {live.reason ? `${live.reason}, ` : ""}
        {duration(secondsBetween(live.since, now))}
        {!live.device && `, ${live.phone ? agents.phoneStates[live.phone] : agents.noDevice}`}
      </span>
    </span>
  );
}
