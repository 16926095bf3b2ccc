import type { ReactNode } from "react";

import type { Campaign } from "../live/state";
import words from "../words/en/lifecycle";
import { when } from "./format";
import { allowed } from "./rampUp";
import { useSecondsUntil } from "./ResumeCountdown";

type Ramp = NonNullable<Campaign["ramp_up"]>;

interface Props {
  ramp: Ramp;
  /** What is shown once it is at full speed. */
  otherwise?: ReactNode;
}

/** How far a campaign has ramped up after its resume. */
export function RampUp({ ramp, otherwise = null }: Props) {
  const left = useSecondsUntil(ramp.until);
  if (left <= 0) return otherwise;
  return (
    <span className="num" title={words.fullSpeedAt(when(ramp.until))}>
      {words.rampingUp(allowed(ramp, left), ramp.of)}
    </span>
  );
}
