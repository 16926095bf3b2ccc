/** A lead that is to be called: the agent looks at it, and says when. */
import { Button, RingProgress } from "@mantine/core";
import { IconPhone, IconPlayerSkipForward } from "@tabler/icons-react";
import { useRef } from "react";

import { accept, type DeskCall, skip } from "../api/desk";
import { duration, secondsBetween } from "../parts/format";
import words from "../words/en/desk";
import { Contact, History } from "./conversation/Details";
import { Facts } from "./conversation/Facts";
import classes from "./Desk.module.css";
import { useKey } from "./keys";
import { Key, Said } from "./parts";
import { nameOf } from "./state";
import { useNow, useOrder } from "./store";

const texts = words.preview;

export function Preview({ call, until }: { call: DeskCall; until: string | null }) {
  const take = useOrder(accept);
  const pass = useOrder(skip);
  useKey("a", () => void take.send(), !take.pending);
  useKey("s", () => void pass.send(), !pass.pending);
  return (
    <article className={classes.talk} aria-label={nameOf(call)}>
      <section className={`card ${classes.callee}`}>
        <div className={classes.who}>
          <div>
            <p className={classes.eyebrow}>
              {texts.title} · {call.campaign.name}
            </p>
            <h2 className={classes.name}>{nameOf(call)}</h2>
          </div>
          {until && <Countdown until={until} />}
        </div>
        <Facts call={call} />
        <div className={classes.controls}>
          <Button
            size="md"
            color="green"
            loading={take.pending}
            leftSection={<IconPhone size={18} aria-hidden />}
            rightSection={<Key>A</Key>}
            onClick={() => void take.send()}
          >
            {texts.call}
          </Button>
          <Button
            size="md"
            variant="default"
            loading={pass.pending}
            leftSection={<IconPlayerSkipForward size={18} aria-hidden />}
            rightSection={<Key>S</Key>}
            onClick={() => void pass.send()}
          >
            {texts.skip}
          </Button>
          {until === null && <span className="dim">{texts.noCountdown}</span>}
        </div>
        <Said of={take} />
        <Said of={pass} />
      </section>
      <Contact call={call} />
      <History call={call} />
    </article>
  );
}

function Countdown({ until }: { until: string }) {
  const now = useNow(250);
  const left = Math.max(0, secondsBetween(now, until));
  const whole = useRef(left); // from where this page saw it begin
  const share = whole.current > 0 ? Math.min(100, (left / whole.current) * 100) : 0;
  return (
    <div className={classes.countdown}>
      <RingProgress
        size={54}
        thickness={5}
        sections={[{ value: share, color: "var(--accent)" }]}
        rootColor="var(--line)"
        label={<span className={`num ${classes.countdownFigure}`}>{Math.ceil(left)}</span>}
        aria-hidden
      />
      <span>{texts.countdown(duration(Math.ceil(left)))}</span>
    </div>
  );
}
