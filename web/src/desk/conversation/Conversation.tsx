/** The call, from its ringing to the end of the wrap-up. */
import { IconMicrophoneOff, IconPhoneCall, IconPhoneOutgoing, IconPlayerPauseFilled, IconWriting } from "@tabler/icons-react";

import type { DeskCall } from "../../api/desk";
import words from "../../words/en/desk";
import classes from "../Desk.module.css";
import { Since } from "../parts";
import { usePhone } from "../softphone/store";
import { nameOf } from "../state";
import { useDesk } from "../store";
import { Controls } from "./Controls";
import { Contact, History, Script } from "./Details";
import { Disposition } from "./Disposition";
import { Facts } from "./Facts";
import { WrapUp } from "./WrapUp";

export function Conversation({ call }: { call: DeskCall }) {
  const { presence } = useDesk();
  return (
    <article className={classes.talk} data-presence={presence} aria-label={nameOf(call)}>
      <section className={`card ${classes.callee}`}>
        <div className={classes.who}>
          <div>
            <p className={classes.eyebrow}>{call.campaign.name}</p>
            <h2 className={classes.name}>{nameOf(call)}</h2>
          </div>
          <State call={call} />
        </div>
        <Facts call={call} />
        {presence === "wrap_up" ? <WrapUp /> : <Controls call={call} />}
      </section>
      <div className={classes.talkColumns}>
        <div className={classes.reading}>
          <Script call={call} />
          <Contact call={call} />
          <History call={call} />
        </div>
        {presence !== "calling" && (
          <div className={classes.saying}>
            <Disposition call={call} />
          </div>
        )}
      </div>
    </article>
  );
}

/** What the call does, large: seen from the corner of an eye. */
function State({ call }: { call: DeskCall }) {
  const { presence, since } = useDesk();
  const muted = usePhone((phone) => phone.muted);
  const began = call.began_at ?? since;
  if (presence === "wrap_up") {
    return (
      <span className={classes.state} data-look="wrap_up">
        <IconWriting size={18} aria-hidden />
        {words.presence.wrap_up}
      </span>
    );
  }
  const look = presence === "calling" ? "calling" : call.on_hold ? "hold" : muted ? "muted" : "talk";
  const Icon = { calling: IconPhoneOutgoing, hold: IconPlayerPauseFilled, muted: IconMicrophoneOff, talk: IconPhoneCall }[look];
  const text = {
    calling: words.callee.calling,
    hold: words.callee.onHold,
    muted: words.callee.muted,
    talk: words.presence.on_call,
  }[look];
  return (
    <span className={classes.state} data-look={look}>
      <Icon size={18} aria-hidden />
      {text}
      {began && <Since at={began} />}
    </span>
  );
}
