/** What the agent does now, how their line is, and everything that is not the call. */
import { ActionIcon, Tooltip } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconKeyboard } from "@tabler/icons-react";

import { Account } from "../../layout/Account";
import { Mark } from "../../layout/Mark";
import { Dot } from "../../parts/Connection";
import words from "../../words/en/desk";
import classes from "../Desk.module.css";
import { useKey } from "../keys";
import type { Shift } from "../shift";
import { useDesk, useDeskState } from "../store";
import { LineChip } from "./LineChip";
import { PresenceMenu } from "./PresenceMenu";
import { Shortcuts } from "./Shortcuts";

export function TopBar({ shift }: { shift: Shift }) {
  const desk = useDesk();
  const connection = useDeskState((now) => now.connection);
  const [help, dialog] = useDisclosure(false);
  useKey("?", dialog.toggle);
  return (
    <header className={classes.top}>
      <span className={classes.brand}>
        <Mark size={28} />
        <strong>{words.title}</strong>
      </span>
      <PresenceMenu shift={shift} />
      <span className={classes.topEnd}>
        <LineChip here={shift.here} />
        <span className={classes.wide}>
          <Dot connection={connection} />
        </span>
        <span className={classes.wide}>
          <Tooltip label={`${words.shortcuts.open} (?)`}>
            <ActionIcon
              variant="subtle"
              color="gray"
              size={36}
              aria-label={words.shortcuts.open}
              onClick={dialog.open}
            >
              <IconKeyboard size={20} aria-hidden />
            </ActionIcon>
          </Tooltip>
        </span>
        <Account
          small
          position="bottom-end"
          stays={desk.on_shift ? words.account.onShift : null}
        />
      </span>
      <Shortcuts opened={help} onClose={dialog.close} />
    </header>
  );
}
