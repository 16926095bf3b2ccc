/** Between the calls: where the next one comes from, or the break. */
import { Button } from "@mantine/core";
import {
  IconCoffee,
  IconHeadset,
  IconPhoneOff,
  IconPhoneOutgoing,
  IconPhoneRinging,
  IconPlayerPause,
  IconPlugConnected,
} from "@tabler/icons-react";

import { become, type Desk, type DeskCall, type DeskPhone, dial } from "../api/desk";
import { clock } from "../parts/format";
import words from "../words/en/desk";
import classes from "./Desk.module.css";
import { Key, Said } from "./parts";
import { RingAgain } from "./RingAgain";
import type { Shift } from "./shift";
import { nameOf } from "./state";
import { useDesk, useDeskState, useOrder } from "./store";

const texts = words.idle;

export function Idle({ shift }: { shift: Shift }) {
  const desk = useDesk();
  return (
    <section className={`card ${classes.middle}`} aria-live="off">
      {desk.presence === "break" ? <Break desk={desk} shift={shift} /> : <Available desk={desk} />}
    </section>
  );
}

function Break({ desk, shift }: { desk: Desk; shift: Shift }) {
  const back = useOrder(() => become("available"));
  return (
    <div className={classes.idle} data-look="break">
      <span className={classes.disc}>
        <IconCoffee size={30} stroke={1.6} aria-hidden />
      </span>
      <h2 className={classes.bigTitle}>{desk.reason ? texts.breakReason(desk.reason) : texts.break}</h2>
      <p className={classes.lead}>
        {desk.since && texts.since(clock(desk.since, false))}. {texts.breakHint}
      </p>
      <Button
        size="md"
        loading={back.pending}
        leftSection={<IconHeadset size={18} aria-hidden />}
        rightSection={<Key>V</Key>}
        onClick={() => void back.send().then((done) => done && shift.stay())}
      >
        {texts.back}
      </Button>
      <Said of={back} />
    </div>
  );
}

/** No call comes before the telephone is connected. */
function PhoneAway({ phone }: { phone: DeskPhone }) {
  const state = phone.state ?? "ringing";
  const rings = state === "ringing" || state === "ready";
  const Icon = rings ? IconPhoneRinging : IconPhoneOff;
  return (
    <div className={classes.idle} data-look="wait">
      <span className={classes.disc}>
        <Icon size={30} stroke={1.6} aria-hidden />
      </span>
      <h2 className={classes.bigTitle}>{words.phone.title[state]}</h2>
      <p className={classes.lead}>{words.phone.hint[state](phone.address)}</p>
      {!rings && <RingAgain size="md" />}
    </div>
  );
}

function Available({ desk }: { desk: Desk }) {
  const last = useDeskState((now) => now.last);
  const mayAgain = last !== null && !wantsNoCalls(last);
  const again = useOrder(dial);
  if (desk.phone && !desk.device) return <PhoneAway phone={desk.phone} />;
  const Icon = !desk.device ? IconPlugConnected : desk.next ? IconHeadset : IconPlayerPause;
  return (
    <div className={classes.idle} data-look={desk.device && desk.next ? "ready" : "wait"}>
      <span className={classes.disc}>
        <Icon size={30} stroke={1.6} aria-hidden />
      </span>
      <h2 className={classes.bigTitle}>{!desk.device ? texts.noDevice : desk.next ? texts.available : texts.nothing}</h2>
      <p className={classes.lead}>{desk.device ? whence(desk) : texts.noDeviceHint}</p>
      {mayAgain && (
        <div className={classes.again}>
          <Button
            variant="default"
            size="sm"
            loading={again.pending}
            leftSection={<IconPhoneOutgoing size={16} aria-hidden />}
            onClick={() => void again.send(last.campaign.id, last.lead)}
          >
            {texts.again(nameOf(last))}
          </Button>
          <small>{texts.againLead(last.campaign.name)}</small>
          <Said of={again} />
        </div>
      )}
    </div>
  );
}

function wantsNoCalls({ disposed, dispositions }: DeskCall): boolean {
  return dispositions.some(
    ({ name, meaning }) => name === disposed?.name && meaning === "do_not_call",
  );
}

function whence({ next, campaigns }: Desk): string {
  if (next) {
    const { name } = next.campaign;
    if (next.why === "held") return texts.held(name);
    return next.why === "destination" ? texts.destination(name) : texts.from(name);
  }
  if (campaigns.length === 0) return texts.noneAssigned;
  return campaigns.every(({ status }) => status === "paused" || status === "pausing")
    ? texts.nonePaused
    : texts.noneRuns;
}
