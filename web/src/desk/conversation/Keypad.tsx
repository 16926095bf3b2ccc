/** Keys towards the callee: by click, or by those of the keyboard. */
import { ActionIcon, CloseButton } from "@mantine/core";
import { useEffect, useRef, useState } from "react";

import { sendDigits } from "../../api/desk";
import common from "../../words/en/common";
import words from "../../words/en/desk";
import classes from "../Desk.module.css";
import { Said } from "../parts";
import { useOrder } from "../store";

const KEYS = [..."123456789*0#"];
const texts = words.keypad;

export function Keypad({ onClose }: { onClose: () => void }) {
  const [sent, setSent] = useState("");
  const order = useOrder(sendDigits);
  const box = useRef<HTMLDivElement>(null);
  const waiting = useRef("");
  const busy = useRef(false);
  // One after the other, so that none overtakes another; what is pressed meanwhile goes together.
  const press = async (key: string): Promise<void> => {
    waiting.current += key;
    if (busy.current) return;
    busy.current = true;
    while (waiting.current !== "") {
      const digits = waiting.current;
      waiting.current = "";
      if (await order.send(digits)) setSent((before) => before + digits);
      else waiting.current = "";
    }
    busy.current = false;
  };
  useEffect(() => box.current?.focus(), []);
  return (
    <div
      ref={box}
      className={classes.keypad}
      role="dialog"
      aria-label={texts.title}
      tabIndex={-1}
      onKeyDown={(event) => {
        if (event.key === "Escape") onClose();
        else if (KEYS.includes(event.key)) void press(event.key);
      }}
    >
      <header>
        <output className="num" aria-label={texts.sent}>
          {sent === "" ? <span className="dim">{texts.hint}</span> : sent}
        </output>
        <CloseButton aria-label={common.close} onClick={onClose} />
      </header>
      <div className={classes.keypadKeys}>
        {KEYS.map((key) => (
          <ActionIcon
            key={key}
            variant="default"
            w="100%"
            h={46}
            fz={18}
            aria-label={key}
            onClick={() => void press(key)}
          >
            {key}
          </ActionIcon>
        ))}
      </div>
      <Said of={order} />
    </div>
  );
}
