/**
 * The button of the campaign's page: two bars that float in the bottom-right corner, and the play
 * triangle while it is paused. Space or P presses it, wherever the focus is not on something that
 * takes the key itself.
 */
import { Tooltip, UnstyledButton } from "@mantine/core";
import { IconPlayerPauseFilled, IconPlayerPlayFilled } from "@tabler/icons-react";
import { useEffect } from "react";

import type { Campaign } from "../../live/state";
import words from "../../words/en/lifecycle";
import { countdown } from "../format";
import { useSecondsUntil } from "../ResumeCountdown";
import { useLifecycle } from "./Lifecycle";
import { deedOf } from "./LifecycleButton";
import classes from "./PauseButton.module.css";

export function PauseButton({ campaign }: { campaign: Campaign }) {
  const hands = useLifecycle();
  const deed = deedOf(campaign);
  const asking = hands.asking.get(campaign.id);
  const busy = asking !== undefined || campaign.status === "pausing";

  const press = (): void => {
    if (busy || deed === null) return;
    if (deed === "pause") hands.pause([campaign]);
    else if (deed === "resume") hands.resume(campaign);
    else hands.start(campaign);
  };
  useKeys(press, hands.dialogOpen);

  if (deed === null) return null;
  const label = {
    pause: words.pauseNamed,
    resume: words.resumeNamed,
    start: words.startNamed,
  }[deed](campaign.name);
  const Icon = deed === "pause" ? IconPlayerPauseFilled : IconPlayerPlayFilled;
  return (
    <div className={classes.corner}>
      <div role="status" className={classes.says}>
        {asking !== undefined && asking.tries > 0 && (
          <span className={classes.pill} data-alarm>
            {words.stillTrying(asking.tries)}
            <button type="button" onClick={asking.stop}>
              {words.stopTrying}
            </button>
          </span>
        )}
        {busy && asking?.tries !== undefined && asking.tries === 0 && (
          <span className={classes.pill}>{words.asking}</span>
        )}
      </div>
      {campaign.resumption?.at && <Countdown at={campaign.resumption.at} />}
      {campaign.release_request !== null && (
        <span className={classes.pill}>{words.release.awaits}</span>
      )}
      <Tooltip
        label={`${busy ? words.pausing : words[deed]} (${words.hotkey})`}
        position="left"
        openDelay={300}
      >
        <UnstyledButton
          className={classes.button}
          data-deed={deed}
          data-busy={busy || undefined}
          aria-label={label}
          aria-keyshortcuts="Space P"
          aria-busy={busy}
          aria-disabled={busy}
          onClick={press}
        >
          <Icon size={30} aria-hidden />
        </UnstyledButton>
      </Tooltip>
    </div>
  );
}

function Countdown({ at }: { at: string }) {
  const left = useSecondsUntil(at);
  return (
    <span className={classes.pill} title={words.resumesAt(at)}>
      <span className="hidden-text">{words.resumesAt(at)}</span>
      <span aria-hidden className="num">
        {countdown(left)}
      </span>
    </span>
  );
}

const TAKES_SPACE =
  "button, a, summary, [role=button], [role=tab], [role=checkbox], [role=radio], [role=option], [role=menuitem]";

function useKeys(press: () => void, blocked: boolean): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      const isP = event.key === "p" || event.key === "P";
      if (!isP && event.key !== " ") return;
      if (blocked || event.repeat || event.defaultPrevented) return;
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      const target = event.target instanceof Element ? event.target : null;
      if (target?.closest("input, textarea, select, [contenteditable=true], [role=dialog]")) return;
      if (!isP && target?.closest(TAKES_SPACE)) return;
      event.preventDefault();
      press();
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  });
}
