/** How the line is; opens what chooses the headset. */
import { Popover, UnstyledButton } from "@mantine/core";
import { IconMicrophone, IconMicrophoneOff } from "@tabler/icons-react";

import words from "../../words/en/desk";
import { Devices } from "../begin/Devices";
import classes from "../Desk.module.css";
import { usePhone } from "../softphone/store";
import { useDesk } from "../store";

type Standing = keyof Pick<
  typeof words.line,
  "up" | "connecting" | "down" | "noMicrophone" | "off"
>;

export function LineChip({ here }: { here: boolean }) {
  const desk = useDesk();
  const line = usePhone((phone) => phone.line.kind);
  const trouble = usePhone((phone) => phone.trouble);
  if (!here) return null;
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
