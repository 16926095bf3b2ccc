/** When to call again, by the callee's clock, and who does. */
import { Button, SegmentedControl, TextInput } from "@mantine/core";

import type { DeskCall } from "../../api/desk";
import { fromLocal } from "../../parts/campaign-settings/localTime";
import { when } from "../../parts/format";
import words from "../../words/en/desk";
import classes from "../Desk.module.css";
import { useNow } from "../store";
import { picksOf, placeOf, type TimeProblem } from "../time";
import type { Draft } from "./draft";

const texts = words.callback;

interface Props {
  call: DeskCall;
  draft: Draft;
  change: (part: Partial<Draft>) => void;
  /** What is wrong with the time. */
  wrong: TimeProblem | undefined;
  /** What the server says is. */
  problem: string | undefined;
}

export function CallbackFields({ call, draft, change, wrong, problem }: Props) {
  const now = useNow(30_000);
  const zone = call.local_time_zone;
  const at = fromLocal(draft.local, zone);
  const daysMax = call.callbacks.days_max;
  const error = {
    none: words.disposition.needsTime,
    past: texts.past,
    tooFar: texts.tooFar(daysMax),
  };
  return (
    <div className={classes.callback}>
      <TextInput
        type="datetime-local"
        label={texts.at(placeOf(zone))}
        value={draft.local}
        onChange={(event) => change({ local: event.currentTarget.value })}
        error={(wrong && error[wrong]) ?? problem}
        description={at === null ? undefined : texts.yours(when(at))}
        inputWrapperOrder={["label", "input", "description", "error"]}
      />
      <div className={classes.picks} role="group" aria-label={texts.picks}>
        {picksOf(now, zone).map(({ kind, local, clock }) => (
          <Button key={kind} size="compact-sm" variant="default" onClick={() => change({ local })}>
            {kind === "hour" ? texts.hour : texts[kind](clock)}
          </Button>
        ))}
      </div>
      {call.callbacks.for_me && (
        <SegmentedControl
          aria-label={texts.who}
          data={[
            { value: "anyone", label: texts.anyone },
            { value: "me", label: texts.me },
          ]}
          value={draft.forMe ? "me" : "anyone"}
          onChange={(who) => change({ forMe: who === "me" })}
        />
      )}
    </div>
  );
}
