/** Shown before a resume only where something was changed or missed during the pause. */
import { Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";

import { campaignSettings, type PauseChanges } from "../../api/campaign";
import type { Campaign } from "../../live/state";
import words from "../../words/en/lifecycle";
import { FormDialog } from "../FormDialog";
import { Changes } from "./Changes";

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
    <FormDialog
      title={texts.title(campaign.name)}
      submit={texts.confirm}
      onSubmit={onConfirm}
      onClose={onClose}
      size={620}
      resumes
    >
      <Changes changes={changes} />
      <Text size="sm" c="dimmed">
        {texts.checked} {settings && texts.rampUp(settings.ramp_up_s)}
      </Text>
    </FormDialog>
  );
}
