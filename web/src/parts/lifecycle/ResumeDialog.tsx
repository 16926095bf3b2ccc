/** Shown before a resume only where something was changed during the pause: what, and by whom. */
import { Button, Group, List, Modal, Stack, Text } from "@mantine/core";
import { IconPlayerPlayFilled } from "@tabler/icons-react";

import type { PauseChanges } from "../../api/campaign";
import type { Campaign } from "../../live/state";
import common from "../../words/en/common";
import words from "../../words/en/lifecycle";
import classes from "./Dialogs.module.css";
import { settingName, settingText } from "./settingText";

interface Props {
  campaign: Campaign;
  changes: PauseChanges;
  onClose: () => void;
  onConfirm: () => void;
}

const texts = words.resumeDialog;

export default function ResumeDialog({ campaign, changes, onClose, onConfirm }: Props) {
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
        <Text size="sm" fw={600}>
          {texts.changed}
        </Text>
        {changes.settings.map((each) => (
          <SettingsChange key={each.version} change={each} />
        ))}
        {changes.do_not_call.length > 0 && (
          <List size="sm">
            {changes.do_not_call.map((each) => (
              <List.Item key={`${each.added_by} ${each.source}`}>
                {texts.doNotCall(each.numbers, each.leads)}{" "}
                <span className="dim">{texts.by(each.added_by, each.last_at)}</span>
              </List.Item>
            ))}
          </List>
        )}
        <Text size="sm" c="dimmed">
          {texts.checked}
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

function SettingsChange({ change }: { change: PauseChanges["settings"][number] }) {
  return (
    <div>
      <Text size="sm" c="dimmed">
        {texts.by(change.changed_by, change.changed_at)}
      </Text>
      {change.lists_changed ? (
        <Text size="sm">{texts.lists}</Text>
      ) : (
        <table className={classes.changes}>
          <thead>
            <tr>
              <th scope="col">{texts.setting}</th>
              <th scope="col">{texts.before}</th>
              <th scope="col">{texts.now}</th>
            </tr>
          </thead>
          <tbody>
            {change.changes.map(({ field, before, after }) => (
              <tr key={field}>
                <td>{settingName(field)}</td>
                <td>{settingText(before)}</td>
                <td>
                  <strong>{settingText(after)}</strong>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </div>
  );
}
