/** Shown before a resume only where something was changed during the pause: what, and by whom. */
import { Button, Group, Modal, Stack, Text } from "@mantine/core";
import { IconPlayerPlayFilled } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";

import { campaignSettings, type PauseChanges } from "../../api/campaign";
import type { Campaign } from "../../live/state";
import common from "../../words/en/common";
import words from "../../words/en/lifecycle";
import { Changes } from "./Changes";
import classes from "./Dialogs.module.css";

interface Props {
  campaign: Campaign;
  changes: PauseChanges;
  onClose: () => void;
  onConfirm: () => void;
}

const texts = words.resumeDialog;

export default function ResumeDialog({ campaign, changes, onClose, onConfirm }: Props) {
  const settings = useQuery(campaignSettings(campaign.id)).data?.settings;
  return (
    <Modal
      opened
      onClose={onClose}
      title={texts.title(campaign.name)}
      size={620}
      centered
      closeButtonProps={{ "aria-label": common.close }}
      classNames={{ title: classes.title }}
    >
      <Stack gap="md">
        <Changes changes={changes} />
        <Text size="sm" c="dimmed">
          {texts.checked} {settings && texts.rampUp(settings.ramp_up_s)}
        </Text>
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose}>
            {common.cancel}
          </Button>
          <Button
            onClick={onConfirm}
            leftSection={<IconPlayerPlayFilled size={16} aria-hidden />}
            data-autofocus
          >
            {texts.confirm}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
