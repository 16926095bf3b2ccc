/** Which key does what. */
import { Kbd, Modal, Switch, Text } from "@mantine/core";
import { useState } from "react";

import common from "../../words/en/common";
import words from "../../words/en/desk";
import classes from "../Desk.module.css";
import { keepSingleKeys, singleKeys } from "../keys";

const texts = words.shortcuts;
const KEYS: [keyof typeof texts.all, string[]][] = [
  ["mute", ["M"]],
  ["hold", ["H"]],
  ["keypad", ["K"]],
  ["handOver", ["T"]],
  ["hangUp", ["Shift", "X"]],
  ["disposition", ["1", "…", "9"]],
  ["notes", ["N"]],
  ["save", ["Ctrl", "Enter"]],
  ["ready", ["R"]],
  ["more", ["W"]],
  ["accept", ["A"]],
  ["skip", ["S"]],
  ["available", ["V"]],
  ["help", ["?"]],
];

export function Shortcuts({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const [on, setOn] = useState(singleKeys);
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title={<Text fw={650}>{texts.title}</Text>}
      centered
      closeButtonProps={{ "aria-label": common.close }}
    >
      <Text size="sm" c="dimmed" mb="sm">
        {texts.lead}
      </Text>
      <dl className={classes.keys}>
        {KEYS.map(([what, keys]) => (
          <div key={what}>
            <dt>{texts.all[what]}</dt>
            <dd>
              {keys.map((key) => (key === "…" ? <span key={key}>…</span> : <Kbd key={key}>{key}</Kbd>))}
            </dd>
          </div>
        ))}
      </dl>
      <Switch
        mt="md"
        label={texts.use}
        checked={on}
        onChange={(event) => {
          setOn(event.currentTarget.checked);
          keepSingleKeys(event.currentTarget.checked);
        }}
      />
    </Modal>
  );
}
