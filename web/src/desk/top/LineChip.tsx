/** How the line is; opens what chooses the headset. */
import { Popover, UnstyledButton } from "@mantine/core";
import { IconMicrophone, IconMicrophoneOff, IconPhone, IconPhoneOff } from "@tabler/icons-react";

import type { DeskPhone } from "../../api/desk";
import words from "../../words/en/desk";
import { Devices } from "../begin/Devices";
import classes from "../Desk.module.css";
import { RingAgain } from "../RingAgain";
import { usePhone } from "../softphone/store";
import { useDesk } from "../store";

type Standing = keyof Pick<
  typeof words.line,
  "up" | "connecting" | "down" | "noMicrophone" | "off"
>;

export function LineChip({ here }: { here: boolean }) {
  const { phone } = useDesk();
  if (!here) return null;
  return phone ? <PhoneChip phone={phone} /> : <PageChip />;
}

function PhoneChip({ phone }: { phone: DeskPhone }) {
  const texts = words.phone;
  const state = phone.state ?? "ringing";
  const standing = state === "ringing" || state === "ready" ? state : "away";
  const look = { ready: "up", ringing: "connecting", away: "down" }[standing];
  const Icon = standing === "away" ? IconPhoneOff : IconPhone;
  return (
    <Popover width={320} position="bottom-end" shadow="md" trapFocus>
      <Popover.Target>
        <UnstyledButton
          className={classes.line}
          data-line={look}
          aria-label={`${texts.label}: ${texts.chip[standing]}`}
        >
          <Icon size={18} aria-hidden />
          <span className={classes.wide}>{texts.chip[standing]}</span>
        </UnstyledButton>
      </Popover.Target>
      <Popover.Dropdown aria-label={texts.label}>
        <h2 className={classes.popoverTitle}>{texts.title[state]}</h2>
        <p className={classes.plain}>{texts.hint[state](phone.address)}</p>
        {standing === "away" && <RingAgain />}
      </Popover.Dropdown>
    </Popover>
  );
}

function PageChip() {
  const desk = useDesk();
  const line = usePhone((phone) => phone.line.kind);
  const trouble = usePhone((phone) => phone.trouble);
  const Icon = trouble ? IconMicrophoneOff : IconMicrophone;
  const standing: Standing = trouble
    ? "noMicrophone"
    : line === "up" && desk.device
      ? "up"
      : line === "contested"
        ? "down"
        : "connecting";
  return (
    <Popover width={320} position="bottom-end" shadow="md" trapFocus>
      <Popover.Target>
        <UnstyledButton
          className={classes.line}
          data-line={standing}
          aria-label={`${words.line.label}: ${words.line[standing]}`}
        >
          <Icon size={18} aria-hidden />
          <span className={classes.wide}>{words.line[standing]}</span>
        </UnstyledButton>
      </Popover.Target>
      <Popover.Dropdown aria-label={words.device.title}>
        <h2 className={classes.popoverTitle}>{words.device.title}</h2>
        <Devices />
      </Popover.Dropdown>
    </Popover>
  );
}
