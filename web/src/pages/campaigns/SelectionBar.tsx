import { Button, CloseButton, Transition } from "@mantine/core";
import { IconPlayerPauseFilled, IconPlayerPlayFilled } from "@tabler/icons-react";

import type { Campaign } from "../../live/state";
import { current, useLive } from "../../live/store";
import { useLifecycle } from "../../parts/lifecycle/Lifecycle";
import words from "../../words/en/campaigns";
import classes from "./Campaigns.module.css";

/** What can be done with the selected campaigns; floats while any is selected. */
export function SelectionBar({ ids, onClear }: { ids: readonly number[]; onClear: () => void }) {
  const hands = useLifecycle();
  const states = useLive((now) =>
    ids.map((id) => now.campaigns.get(id)?.status ?? "").join(" "),
  ).split(" ");
  const inState = (state: Campaign["status"]): Campaign[] =>
    ids.flatMap((id) => {
      const campaign = current().campaigns.get(id);
      return campaign?.status === state ? [campaign] : [];
    });
  return (
    <Transition mounted={ids.length > 0} transition="slide-up" duration={140}>
      {(style) => (
        <div className={classes.bar} style={style} role="region" aria-live="polite">
          <span className="num">{words.selected(ids.length)}</span>
          <Button
            size="sm"
            disabled={!states.includes("running")}
            leftSection={<IconPlayerPauseFilled size={14} aria-hidden />}
            onClick={() => hands.pause(inState("running"))}
          >
            {words.pauseSelected}
          </Button>
          <Button
            size="sm"
            color="green"
            disabled={!states.includes("paused")}
            leftSection={<IconPlayerPlayFilled size={14} aria-hidden />}
            onClick={() => hands.resumeSeveral(inState("paused"))}
          >
            {words.resumeSelected}
          </Button>
          <CloseButton aria-label={words.clear} onClick={onClear} />
        </div>
      )}
    </Transition>
  );
}
