/** Ends a campaign for good: says what is lost, and wants its name typed. */
import { Alert, Button, Group, List, Modal, Stack, Text, TextInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";

import { asProblem } from "../../api/problem";
import type { Campaign } from "../../live/state";
import { useCampaign } from "../../live/store";
import common from "../../words/en/common";
import words from "../../words/en/lifecycle";
import messages from "../../words/en/messages";
import { terminate } from "./actions";
import classes from "./Dialogs.module.css";

interface Props {
  campaign: Campaign;
  onClose: () => void;
  onDone: () => void;
}

export default function TerminateDialog({ campaign: asked, onClose, onDone }: Props) {
  const texts = words.terminateDialog;
  const campaign = useCampaign(asked.id) ?? asked;
  const [typed, setTyped] = useState("");
  const [reason, setReason] = useState("");
  const order = useMutation({
    mutationFn: () => terminate(campaign, reason.trim() || null),
    onSuccess: onClose,
    onSettled: onDone,
  });
  const { leads, in_flight: flight } = campaign;
  const voice = campaign.channel === "voice";
  const said = voice ? texts : messages.terminate;

  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (typed.trim() === campaign.name) order.mutate();
  };
  return (
    <Modal
      opened
      onClose={onClose}
      title={texts.title(campaign.name)}
      size={520}
      centered
      closeButtonProps={{ "aria-label": common.close }}
      classNames={{ title: classes.title }}
    >
      <form onSubmit={submit}>
        <Stack gap="md">
          <Text size="sm">{texts.lead}</Text>
          <div>
            <Text size="sm" fw={600} mb={4}>
              {texts.lost}
            </Text>
            <List size="sm" spacing={4}>
              <List.Item>{said.leads(leads.due, leads.waiting)}</List.Item>
              {flight.ringing + flight.talking > 0 && (
                <List.Item>
                  {voice
                    ? texts.flight(flight.ringing, flight.talking)
                    : messages.terminate.flight(flight.ringing)}
                </List.Item>
              )}
            </List>
          </div>
          <Text size="sm" c="dimmed">
            {said.kept}
          </Text>
          {order.error && (
            <Alert color="red" role="alert">
              {asProblem(order.error).message}
            </Alert>
          )}
          <TextInput
            label={texts.type(campaign.name)}
            value={typed}
            onChange={(event) => setTyped(event.currentTarget.value)}
            autoComplete="off"
            spellCheck={false}
            data-autofocus
          />
          <TextInput
            label={texts.reason}
            value={reason}
            onChange={(event) => setReason(event.currentTarget.value)}
            maxLength={2000}
          />
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={onClose}>
              {common.cancel}
            </Button>
            <Button
              type="submit"
              color="red"
              disabled={typed.trim() !== campaign.name}
              loading={order.isPending}
            >
              {texts.confirm}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
