/** Mute, hold, keypad, hand over, hang up. */
import { Button } from "@mantine/core";
import {
  IconGridDots,
  IconMicrophone,
  IconMicrophoneOff,
  IconPhoneOff,
  IconPlayerPause,
  IconPlayerPlay,
  IconTransfer,
} from "@tabler/icons-react";
import { type ComponentType, useState } from "react";

import { type DeskCall, hangUp, hold, mute } from "../../api/desk";
import words from "../../words/en/desk";
import classes from "../Desk.module.css";
import { useKey } from "../keys";
import { Key, Said } from "../parts";
import { softphone, usePhone } from "../softphone/store";
import { useDesk, useOrder } from "../store";
import { HandOver } from "./HandOver";
import { Keypad } from "./Keypad";

const texts = words.controls;

export function Controls({ call }: { call: DeskCall }) {
  const { presence, phone } = useDesk();
  const talks = presence === "on_call";
  const mutes = talks && phone === null; // a telephone has a key of its own for it
  const muted = usePhone((phone) => phone.muted);
  const [open, setOpen] = useState<"keypad" | "handOver" | null>(null);
  const saysMute = useOrder(mute);
  const holds = useOrder(hold);
  const ends = useOrder(hangUp);
  const toggleMute = (): void => {
    softphone().setMuted(!muted); // at once; the server is only told
    void saysMute.send(!muted);
  };
  const toggleHold = (): void => void holds.send(!call.on_hold);
  const toggle = (which: "keypad" | "handOver") => () => setOpen(open === which ? null : which);
  useKey("m", toggleMute, mutes);
  useKey("h", toggleHold, talks);
  useKey("k", toggle("keypad"), talks);
  useKey("t", toggle("handOver"), talks);
  useKey("shift+x", () => void ends.send(), !ends.pending);
  return (
    <>
      <div className={classes.controls} role="group" aria-label={texts.label} data-part="controls">
        {mutes && (
          <Control
            icon={muted ? IconMicrophoneOff : IconMicrophone}
            label={muted ? texts.unmute : texts.mute}
            letter="M"
            on={muted}
            onClick={toggleMute}
          />
        )}
        {talks && (
          <>
            <Control
              icon={call.on_hold ? IconPlayerPlay : IconPlayerPause}
              label={call.on_hold ? texts.resume : texts.hold}
              letter="H"
              on={call.on_hold}
              pending={holds.pending}
              onClick={toggleHold}
            />
            <Control
              icon={IconGridDots}
              label={texts.keypad}
              letter="K"
              onClick={toggle("keypad")}
              opened={open === "keypad"}
            />
            <Control
              icon={IconTransfer}
              label={texts.handOver}
              letter="T"
              onClick={toggle("handOver")}
              opened={open === "handOver"}
            />
          </>
        )}
        <Button
          color="red"
          size="md"
          className={classes.hangUp}
          loading={ends.pending}
          leftSection={<IconPhoneOff size={18} aria-hidden />}
          onClick={() => void ends.send()}
        >
          {talks ? texts.hangUp : texts.cancel}
        </Button>
      </div>
      {talks && phone !== null && <p className={classes.onPhone}>{words.phone.mute}</p>}
      <Said of={saysMute} />
      <Said of={holds} />
      <Said of={ends} />
      {open === "keypad" && talks && <Keypad onClose={() => setOpen(null)} />}
      {open === "handOver" && talks && <HandOver onClose={() => setOpen(null)} />}
    </>
  );
}

interface ControlProps {
  icon: ComponentType<{ size?: number }>;
  label: string;
  letter: string;
  /** Of what is switched. */
  on?: boolean;
  /** Of what opens something. */
  opened?: boolean;
  pending?: boolean;
  onClick: () => void;
}

function Control({ icon: Icon, label, letter, on, opened, pending, onClick }: ControlProps) {
  return (
    <Button
      variant={on || opened ? "light" : "default"}
      size="md"
      className={classes.control}
      data-on={on || undefined}
      aria-expanded={opened}
      loading={pending}
      leftSection={<Icon size={18} aria-hidden />}
      rightSection={<Key>{letter}</Key>}
      onClick={onClick}
    >
      <span className={classes.controlName}>{label}</span>
    </Button>
  );
}
