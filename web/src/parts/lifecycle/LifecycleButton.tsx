import { ActionIcon, Loader, Tooltip } from "@mantine/core";
import { IconPlayerPauseFilled, IconPlayerPlayFilled } from "@tabler/icons-react";

import type { Campaign } from "../../live/state";
import words from "../../words/en/lifecycle";
import { useLifecycle } from "./Lifecycle";

/** What the button of a campaign does in its present state; null: there is nothing to do. */
export function deedOf(campaign: Campaign): "pause" | "resume" | "start" | null {
  if (campaign.status === "running" || campaign.status === "pausing") return "pause";
  if (campaign.status === "paused") return "resume";
  if (campaign.status === "draft") return "start";
  return null;
}

/** The small pause or resume button of a row. */
export function LifecycleButton({ campaign }: { campaign: Campaign }) {
  const hands = useLifecycle();
  const deed = deedOf(campaign);
  if (deed === null) return null;
  const busy = hands.asking.has(campaign.id) || campaign.status === "pausing";
  const label = {
    pause: words.pauseNamed,
    resume: words.resumeNamed,
    start: words.startNamed,
  }[deed](campaign.name);
  const act = {
    pause: () => hands.pause([campaign]),
    resume: () => hands.resume(campaign),
    start: () => hands.start(campaign),
  }[deed];
  return (
    <Tooltip label={busy ? words.pausing : words[deed]} openDelay={400}>
      <ActionIcon
        variant={deed === "pause" ? "default" : "light"}
        color={deed === "pause" ? undefined : "green"}
        size={34}
        radius="xl"
        aria-label={label}
        aria-busy={busy}
        aria-disabled={busy}
        onClick={busy ? undefined : act}
      >
        {busy ? (
          <Loader size={15} color="amber" />
        ) : deed === "pause" ? (
          <IconPlayerPauseFilled size={16} aria-hidden />
        ) : (
          <IconPlayerPlayFilled size={16} aria-hidden />
        )}
      </ActionIcon>
    </Tooltip>
  );
}
