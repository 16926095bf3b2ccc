/** Shown before a resume only where something was changed during the pause: what, and by whom. */
import { Button, Group, Modal, Stack, Text } from "@mantine/core";
import { IconPlayerPlayFilled } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";

import { settingsVersions, type SettingsVersion } from "../../api/campaign";
import type { Campaign } from "../../live/state";
import common from "../../words/en/common";
import words from "../../words/en/lifecycle";
import { Waiting } from "../Waiting";
import { changes } from "./changes";
import classes from "./Dialogs.module.css";
import { settingText, settingName } from "./settingText";

interface Props {
  campaign: Campaign;
  onClose: () => void;
  onConfirm: () => void;
}

export default function ResumeDialog({ campaign, onClose, onConfirm }: Props) {
  const texts = words.resumeDialog;
  const versions = useQuery(settingsVersions(campaign.id)).data;
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
        {versions ? <Changes campaign={campaign} versions={versions} /> : <Waiting />}
        <Text size="sm" c="dimmed">
          {texts.missedNone}
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

function Changes({ campaign, versions }: { campaign: Campaign; versions: SettingsVersion[] }) {
  const texts = words.resumeDialog;
  const [now] = versions;
  const digest = campaign.last_receipt?.settings_digest_before;
  const then =
    versions.find((version) => version.digest === digest) ??
    versions.find((version) => version.changed_at <= (campaign.last_receipt?.requested_at ?? ""));
  const found = now && then ? changes(then.settings, now.settings) : [];
  if (!now || found.length === 0) return <Text size="sm">{texts.lists}</Text>;
  return (
    <div>
      <Text size="sm" fw={600}>
        {texts.changed}{" "}
        <Text span size="sm" c="dimmed" fw={400}>
          {texts.by(now.changed_by, now.changed_at)}
        </Text>
      </Text>
      <table className={classes.changes}>
        <thead>
          <tr>
            <th scope="col">{texts.setting}</th>
            <th scope="col">{texts.before}</th>
            <th scope="col">{texts.now}</th>
          </tr>
        </thead>
        <tbody>
          {found.map(({ path, before, now: after }) => (
            <tr key={path}>
              <td>{settingName(path)}</td>
              <td>{settingText(before)}</td>
              <td>
                <strong>{settingText(after)}</strong>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
