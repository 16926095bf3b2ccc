/** Number, place and clock of whoever is called. */
import { IconClock, IconList, IconPhone, IconPhoneOutgoing } from "@tabler/icons-react";
import type { ReactNode } from "react";

import type { DeskCall } from "../../api/desk";
import { clockIn } from "../../parts/format";
import words from "../../words/en/desk";
import classes from "../Desk.module.css";
import { placeOf } from "../time";
import { useNow } from "../store";

const texts = words.callee;

export function Facts({ call }: { call: DeskCall }) {
  const now = useNow(10_000);
  const zones = call.zone.split("|");
  const times = [...new Set(zones.map((zone) => clockIn(now, zone)))];
  return (
    <dl className={classes.facts}>
      <Fact icon={IconPhone} what={texts.number}>
        <span className="num">{call.phone}</span>
      </Fact>
      <Fact icon={IconClock} what={texts.localTime}>
        {times.length === 1
          ? `${times[0]} (${call.region ?? placeOf(call.local_time_zone)})`
          : texts.zones(`${times[0]} – ${times.at(-1)}`)}
      </Fact>
      <Fact icon={IconList} what={texts.list}>
        {call.list}
      </Fact>
      {call.calling_number && (
        <Fact icon={IconPhoneOutgoing} what={texts.from}>
          <span className="num">{call.calling_number}</span>
        </Fact>
      )}
    </dl>
  );
}

interface FactProps {
  icon: typeof IconPhone;
  what: string;
  children: ReactNode;
}

function Fact({ icon: Icon, what, children }: FactProps) {
  return (
    <div>
      <dt title={what}>
        <Icon size={15} aria-hidden />
        <span className="hidden-text">{what}</span>
      </dt>
      <dd>{children}</dd>
    </div>
  );
}
