import { ActionIcon, Button, Group, Menu, Modal, TextInput, Title } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import {
  IconChevronLeft,
  IconDots,
  IconPencil,
  IconPlayerPauseFilled,
  IconPlayerStopFilled,
} from "@tabler/icons-react";
import { useMutation, useQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { Link } from "wouter";

import { lastTransitions } from "../../api/campaign";
import { api, ask } from "../../api/client";
import { asProblem } from "../../api/problem";
import type { Campaign } from "../../live/state";
import { answered } from "../../live/store";
import { Hours } from "../../parts/Hours";
import { useLifecycle } from "../../parts/lifecycle/Lifecycle";
import { ResumeCountdown } from "../../parts/ResumeCountdown";
import { StatusBadge } from "../../parts/StatusBadge";
import common from "../../words/en/common";
import words from "../../words/en/campaign";
import holds from "../../words/en/holds";
import classes from "./Campaign.module.css";

/** The campaign's name, how it stands since when, by whom and why, and what else can be done. */
export function Head({ campaign }: { campaign: Campaign }) {
  const hands = useLifecycle();
  const [renaming, dialog] = useDisclosure(false);
  return (
    <header className={classes.head}>
      <div className={classes.crumbs}>
        <Link href="/campaigns" className={classes.back}>
          <IconChevronLeft size={15} aria-hidden />
          {words.back}
        </Link>
      </div>
      <div className={classes.title}>
        <Title order={1}>{campaign.name}</Title>
        <StatusBadge status={campaign.status} large />
        <Standing campaign={campaign} />
        <Hours id={campaign.id} line />
        <Menu position="bottom-end" width={200} shadow="md">
          <Menu.Target>
            <ActionIcon
              variant="default"
              size={36}
              aria-label={words.menu}
              className={classes.menu}
            >
              <IconDots size={18} aria-hidden />
            </ActionIcon>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Item leftSection={<IconPencil size={16} aria-hidden />} onClick={dialog.open}>
              {words.rename}
            </Menu.Item>
            {campaign.allowed.length > 0 && (
              <Menu.Item
                leftSection={<IconPlayerPauseFilled size={16} aria-hidden />}
                onClick={() => hands.pausePart(campaign)}
              >
                {holds.pausePart}
              </Menu.Item>
            )}
            {campaign.allowed.includes("terminate") && (
              <>
                <Menu.Divider />
                <Menu.Item
                  c="var(--danger)"
                  leftSection={<IconPlayerStopFilled size={16} aria-hidden />}
                  onClick={() => hands.terminate(campaign)}
                >
                  {words.terminate} …
                </Menu.Item>
              </>
            )}
          </Menu.Dropdown>
        </Menu>
      </div>
      {renaming && <Rename campaign={campaign} onClose={dialog.close} />}
    </header>
  );
}

function Standing({ campaign }: { campaign: Campaign }) {
  const history = useQuery({
    ...lastTransitions(campaign.id),
    queryKey: [...lastTransitions(campaign.id).queryKey, campaign.epoch],
    placeholderData: (before) => before,
  }).data?.items;
  // A confirmation is the system's; who and why stands with what was confirmed.
  // What began no state is the pause of a part, which is told by itself.
  const changes = history?.filter((each) => each.from_state !== each.to_state);
  const cause = changes?.find(
    (each) => each.actor !== "system" || each.to_state === campaign.status,
  );
  const decided = changes?.find((each) => each.actor !== "system") ?? cause;
  const shown = campaign.status === "paused" || campaign.status === "terminated" ? decided : cause;
  return (
    <p className={classes.standing}>
      <span>{words.since(campaign.state_since)}</span>{" "}
      {shown && shown.to_state !== "draft" && <span>{words.by(shown.actor)}</span>}
      {shown?.reason && <span className={classes.reason}> “{shown.reason}”</span>}
      {campaign.resumption?.at && (
        <span className={classes.countdown}>
          <ResumeCountdown at={campaign.resumption.at} />
        </span>
      )}
    </p>
  );
}

function Rename({ campaign, onClose }: { campaign: Campaign; onClose: () => void }) {
  const [name, setName] = useState(campaign.name);
  const rename = useMutation({
    mutationFn: () =>
      ask(
        api.PATCH("/api/v1/campaigns/{campaign}", {
          params: { path: { campaign: String(campaign.id) } },
          body: { name: name.trim() },
        }),
      ),
    onSuccess: (renamed) => {
      answered(renamed);
      onClose();
    },
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    rename.mutate();
  };
  return (
    <Modal
      opened
      onClose={onClose}
      title={words.renameTitle}
      centered
      closeButtonProps={{ "aria-label": common.close }}
    >
      <form onSubmit={submit}>
        <TextInput
          label={words.renameLabel}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          error={rename.error && asProblem(rename.error).message}
          maxLength={200}
          data-autofocus
        />
        <Group justify="flex-end" gap="xs" mt="md">
          <Button variant="default" onClick={onClose}>
            {common.cancel}
          </Button>
          <Button type="submit" disabled={name.trim() === ""} loading={rename.isPending}>
            {common.save}
          </Button>
        </Group>
      </form>
    </Modal>
  );
}
