/** Available, break with a reason, go home; in a call: after it. */
import { Button, Menu, TextInput, UnstyledButton } from "@mantine/core";
import {
  IconChevronDown,
  IconCoffee,
  IconDoorExit,
  IconHeadset,
  IconPhoneCall,
  IconPhoneOutgoing,
  IconPower,
  IconUserSearch,
  IconWriting,
} from "@tabler/icons-react";
import { type FormEvent, useState } from "react";

import { become, type Presence } from "../../api/desk";
import words from "../../words/en/desk";
import classes from "../Desk.module.css";
import { useKey } from "../keys";
import { Said, Since } from "../parts";
import type { Shift } from "../shift";
import { useDesk, useOrder } from "../store";

const ICON: Record<Presence, typeof IconHeadset> = {
  offline: IconPower,
  available: IconHeadset,
  preview: IconUserSearch,
  calling: IconPhoneOutgoing,
  on_call: IconPhoneCall,
  wrap_up: IconWriting,
  break: IconCoffee,
};
const AFTER: readonly Presence[] = ["calling", "on_call", "wrap_up"];
const texts = words.menu;

export function PresenceMenu({ shift }: { shift: Shift }) {
  const desk = useDesk();
  const [opened, setOpened] = useState(false);
  const change = useOrder(become);
  const { presence, wish, reason } = desk;
  const Icon = ICON[presence];
  const available = async (): Promise<void> => {
    if (await change.send("available")) shift.stay();
  };
  const rest = (why: string): void => {
    setOpened(false);
    void change.send("break", why);
  };
  useKey("v", () => void available(), desk.on_shift && (presence === "break" || wish !== null));
  if (!desk.on_shift) {
    return (
      <span className={classes.presence} data-presence="offline">
        <Icon size={18} aria-hidden />
        {words.presence.offline}
      </span>
    );
  }
  const then = wish === "break" ? texts.thenBreak(reason) : wish === "offline" ? texts.thenHome : null;
  return (
    <div className={classes.presenceBox}>
      <Menu opened={opened} onChange={setOpened} position="bottom-start" width={260} shadow="md">
        <Menu.Target>
          <UnstyledButton
            className={classes.presence}
            data-presence={presence}
          >
            <Icon size={18} aria-hidden />
            <span className={classes.presenceName}>
              <span className="hidden-text">{texts.label} </span>
              {words.presence[presence]}
              {presence === "break" && reason && <small> {reason}</small>}
              {then && <small> {then}</small>}
            </span>
            {desk.since && <Since at={desk.since} />}
            <IconChevronDown size={16} aria-hidden />
          </UnstyledButton>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Label>{AFTER.includes(presence) ? texts.after : texts.now}</Menu.Label>
          <Menu.Item
            leftSection={<IconHeadset size={16} aria-hidden />}
            onClick={() => void available()}
            disabled={wish === null && presence !== "break"}
          >
            {wish !== null ? texts.stay : texts.available}
          </Menu.Item>
          <Menu.Divider />
          <Menu.Label>{words.presence.break}</Menu.Label>
          {texts.reasons.map((each) => (
            <Menu.Item
              key={each}
              leftSection={<IconCoffee size={16} aria-hidden />}
              onClick={() => rest(each)}
            >
              {each}
            </Menu.Item>
          ))}
          <Other onTake={rest} />
          <Menu.Divider />
          <Menu.Item
            leftSection={<IconDoorExit size={16} aria-hidden />}
            onClick={() => void shift.leave.send()}
            disabled={wish === "offline"}
          >
            {texts.goHome}
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <Said of={change} />
      <Said of={shift.leave} />
    </div>
  );
}

function Other({ onTake }: { onTake: (reason: string) => void }) {
  const [reason, setReason] = useState("");
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    const plain = reason.trim();
    if (plain === "") return;
    setReason("");
    onTake(plain);
  };
  return (
    <form className={classes.other} onSubmit={submit}>
      <TextInput
        size="xs"
        aria-label={texts.other}
        placeholder={texts.other}
        maxLength={200}
        value={reason}
        onChange={(event) => setReason(event.currentTarget.value)}
        onKeyDown={(event) => event.key !== "Escape" && event.stopPropagation()} // the menu has keys, too
      />
      <Button size="xs" variant="default" type="submit" disabled={reason.trim() === ""}>
        {texts.otherGo}
      </Button>
    </form>
  );
}
