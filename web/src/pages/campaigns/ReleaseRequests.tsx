/** On the list of campaigns: releases that await a second person, approved all at once. */
import { Button, Group, Modal, Stack, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconPlayerPlayFilled, IconUsers } from "@tabler/icons-react";

import { useSession } from "../../api/session";
import { current, useLive } from "../../live/store";
import { useLifecycle } from "../../parts/lifecycle/Lifecycle";
import { toApprove } from "../../parts/lifecycle/release";
import banner from "../../parts/lifecycle/ReceiptBanner.module.css";
import common from "../../words/en/common";
import words from "../../words/en/lifecycle";
import classes from "./Campaigns.module.css";

const texts = words.release;

export function ReleaseRequests() {
  const hands = useLifecycle();
  const me = useSession().data?.user ?? null;
  const [sure, dialog] = useDisclosure(false);
  // A text, so that only a change of it draws this anew.
  const [n = "0", who = ""] = useLive((now) => {
    const { campaigns, askedBy } = toApprove(now.campaigns.values(), me);
    return `${campaigns.length}\n${askedBy.join(", ")}`;
  }).split("\n");
  const number = Number(n);
  const approve = (): void => {
    dialog.close();
    hands.approveSeveral(toApprove(current().campaigns.values(), me).campaigns);
  };
  if (number === 0) return null;
  return (
    <div className={`${banner.banner} ${classes.release}`} data-kind="emergency" role="status">
      <IconUsers size={19} aria-hidden />
      <p>{texts.several(who, number)}</p>
      <Button size="compact-sm" className={banner.solid} onClick={dialog.open}>
        {texts.approveAll(number)} …
      </Button>
      <Modal
        opened={sure}
        onClose={dialog.close}
        title={<Text fw={650}>{texts.sure(number)}</Text>}
        centered
        closeButtonProps={{ "aria-label": common.close }}
      >
        <Stack gap="md">
          <Text size="sm">{texts.sureHint}</Text>
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={dialog.close}>
              {common.cancel}
            </Button>
            <Button
              onClick={approve}
              leftSection={<IconPlayerPlayFilled size={16} aria-hidden />}
              data-autofocus
            >
              {texts.approve}
            </Button>
          </Group>
        </Stack>
      </Modal>
    </div>
  );
}
