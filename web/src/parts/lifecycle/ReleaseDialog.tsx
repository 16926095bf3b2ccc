/** The second person looks at what the first asks for, and releases the emergency stop. */
import { Text } from "@mantine/core";
import { useMutation, useQuery } from "@tanstack/react-query";

import { pauseChanges } from "../../api/campaign";
import type { Campaign } from "../../live/state";
import { useCampaign } from "../../live/store";
import words from "../../words/en/lifecycle";
import { FormDialog } from "../FormDialog";
import * as actions from "./actions";
import { anyChange } from "./anyChange";
import { Changes } from "./Changes";

const texts = words.release;

interface Props {
  campaign: Campaign;
  onClose: () => void;
}

export default function ReleaseDialog({ campaign: asked, onClose }: Props) {
  const campaign = useCampaign(asked.id) ?? asked;
  const changes = useQuery({ ...pauseChanges(campaign.id), staleTime: 0 }).data;
  const approve = useMutation({
    mutationFn: () => actions.approve(campaign, null),
    onSuccess: onClose,
  });
  const { release_request: request, emergency } = campaign;
  return (
    <FormDialog
      title={texts.title(campaign.name)}
      submit={texts.approve}
      onSubmit={() => approve.mutate()}
      onClose={onClose}
      pending={approve.isPending}
      error={approve.error}
      disabled={!request}
      size={620}
      resumes
    >
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
    </FormDialog>
  );
}
