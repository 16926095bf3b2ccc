/** The clock after the call. */
import { Button } from "@mantine/core";
import { IconCheck, IconClockPlus } from "@tabler/icons-react";

import { endWrapUp, extendWrapUp } from "../../api/desk";
import { countdown, secondsBetween } from "../../parts/format";
import words from "../../words/en/desk";
import classes from "../Desk.module.css";
import { useKey } from "../keys";
import { Key, Said } from "../parts";
import { useDesk, useNow, useOrder } from "../store";

const texts = words.wrapUp;

export function WrapUp() {
  const desk = useDesk();
  const now = useNow(250);
  const ready = useOrder(endWrapUp);
  const more = useOrder(extendWrapUp);
  const { wrap_up: wrap, until, call, wish } = desk;
  const mayEnd = call !== null && (!call.disposition_required || call.disposed !== null);
  const mayExtend = wrap?.extendable ?? false;
  useKey("r", () => void ready.send(), mayEnd && !ready.pending);
  useKey("w", () => void more.send(), mayExtend && !more.pending);
  const text = wrap?.overdue
    ? texts.overdue
    : until === null
      ? texts.open
      : texts.left(countdown(Math.max(0, secondsBetween(now, until))));
  return (
    <>
      <div className={classes.controls}>
        <span className={`num ${classes.clock}`} data-over={wrap?.overdue || undefined}>
          {text}
        </span>
        {mayExtend && (
          <Button
            variant="default"
            loading={more.pending}
            leftSection={<IconClockPlus size={18} aria-hidden />}
            rightSection={<Key>W</Key>}
            onClick={() => void more.send()}
          >
            {texts.more}
          </Button>
        )}
        {mayEnd && (
          <Button
            loading={ready.pending}
            leftSection={<IconCheck size={18} aria-hidden />}
            rightSection={<Key>R</Key>}
            onClick={() => void ready.send()}
          >
            {wish === "break" ? texts.readyBreak : wish === "offline" ? texts.readyHome : texts.ready}
          </Button>
        )}
      </div>
      <Said of={more} />
      <Said of={ready} />
    </>
  );
}
