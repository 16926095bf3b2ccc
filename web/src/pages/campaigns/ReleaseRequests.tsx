/** On the list of campaigns: releases that await a second person, approved all at once. */
import { Button, Group, Modal, Stack, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconPlayerPlayFilled, IconUsers } from "@tabler/icons-react";
import { useMutation } from "@tanstack/react-query";

import { useSession } from "../../api/session";
import { current, useLive } from "../../live/store";
import * as actions from "../../parts/lifecycle/actions";
import { toApprove } from "../../parts/lifecycle/release";
import { refused, said } from "../../parts/notices";
import banner from "../../parts/lifecycle/ReceiptBanner.module.css";
import common from "../../words/en/common";
import words from "../../words/en/lifecycle";
import classes from "./Campaigns.module.css";

const texts = words.release;

export function ReleaseRequests() {
  const me = useSession().data?.user ?? null;
  const [sure, dialog] = useDisclosure(false);
  // A text, so that only a change of it draws this anew.
  const [n = "0", who = ""] = useLive((now) => {
    const { campaigns, askedBy } = toApprove(now.campaigns.values(), me);
    return `${campaigns.length}\n${askedBy.join(", ")}`;
  }).split("\n");
  const number = Number(n);
  const approve = useMutation({
    mutationFn: () =>
      actions.approveSeveral(toApprove(current().campaigns.values(), me).campaigns),
    onSuccess: ({ results }) => {
      dialog.close();
      const failed = results.filter((each) => each.error).length;
      if (failed > 0) refused(new Error(words.someFailed(failed, results.length)));
      if (results.length > failed) said(words.resumedSeveral(results.length - failed));
    },
    onError: refused,
  });
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
              loading={approve.isPending}
              onClick={() => approve.mutate()}
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
