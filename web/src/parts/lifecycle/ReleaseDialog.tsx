/** The second person looks at what the first asks for, and releases the emergency stop. */
import { Alert, Button, Group, Modal, Stack, Text } from "@mantine/core";
import { IconAlertCircle, IconPlayerPlayFilled } from "@tabler/icons-react";
import { useMutation, useQuery } from "@tanstack/react-query";

import { pauseChanges } from "../../api/campaign";
import { asProblem } from "../../api/problem";
import type { Campaign } from "../../live/state";
import common from "../../words/en/common";
import words from "../../words/en/lifecycle";
import * as actions from "./actions";
import { anyChange, Changes } from "./Changes";
import classes from "./Dialogs.module.css";

const texts = words.release;

export default function ReleaseDialog({
  campaign,
  onClose,
}: {
  campaign: Campaign;
  onClose: () => void;
}) {
  const changes = useQuery({ ...pauseChanges(campaign.id), staleTime: 0 }).data;
  const approve = useMutation({
    mutationFn: () => actions.approve(campaign, null),
    onSuccess: onClose,
  });
  const { release_request: request, emergency } = campaign;
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
        {approve.error && (
          <Alert color="red" role="alert" icon={<IconAlertCircle size={18} />}>
            {asProblem(approve.error).message}
          </Alert>
        )}
        <div>
          {emergency && <Text size="sm">{texts.stopped(emergency.by, emergency.at)}</Text>}
          {request && (
            <Text size="sm">
              {texts.asks(request.asked_by)} {request.reason && texts.why(request.reason)}
            </Text>
          )}
        </div>
        {changes && anyChange(changes) ? (
          <Changes changes={changes} />
        ) : (
          changes && <Text size="sm">{texts.nothingChanged}</Text>
        )}
        <Text size="sm" c="dimmed">
          {words.resumeDialog.checked}
        </Text>
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose}>
            {common.cancel}
          </Button>
          <Button
            onClick={() => approve.mutate()}
            loading={approve.isPending}
            disabled={!request}
            leftSection={<IconPlayerPlayFilled size={16} aria-hidden />}
            data-autofocus
          >
            {texts.approve}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
