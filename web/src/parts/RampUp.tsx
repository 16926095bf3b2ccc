import type { Campaign } from "../live/state";
import words from "../words/en/lifecycle";
import { when } from "./format";
import { allowed } from "./rampUp";
import { useSecondsUntil } from "./ResumeCountdown";

type Ramp = NonNullable<Campaign["ramp_up"]>;

/** How far a campaign has ramped up after its resume; nothing once it is at full speed. */
export function RampUp({ ramp }: { ramp: Ramp }) {
  const left = useSecondsUntil(ramp.until);
  if (left <= 0) return null;
  return (
    <span className="num" title={words.fullSpeedAt(when(ramp.until))}>
      {words.rampingUp(allowed(ramp, left), ramp.of)}
    </span>
  );
}
