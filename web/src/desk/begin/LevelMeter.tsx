import { useEffect, useRef, useState } from "react";

import words from "../../words/en/desk";
import classes from "../Desk.module.css";
import { watchLevel } from "../softphone/sound";

const HEARD = 0.35; // about -39 dB: a voice, and not the room

interface Props {
  stream: MediaStream;
  /** Once somebody has spoken. */
  onHeard?: (() => void) | undefined;
}

/** How loud the microphone is; drawn without React, sixty times a second. */
export function LevelMeter({ stream, onHeard }: Props) {
  const bar = useRef<HTMLDivElement>(null);
  const meter = useRef<HTMLDivElement>(null);
  const [heard, setHeard] = useState(false);
  useEffect(() => {
    // A copy: the original may send silence at the moment.
    const copy = stream.clone();
    for (const track of copy.getTracks()) track.enabled = true;
    let said = 0;
    const stop = watchLevel(copy, (level) => {
      if (bar.current) bar.current.style.transform = `scaleX(${level})`;
      const now = performance.now();
      if (now - said > 500) {
        said = now;
        meter.current?.setAttribute("aria-valuenow", String(Math.round(level * 100)));
      }
      if (level > HEARD) setHeard(true);
    });
    return () => {
      stop();
      for (const track of copy.getTracks()) track.stop();
    };
  }, [stream]);
  useEffect(() => {
    if (heard) onHeard?.();
  }, [heard]); // eslint-disable-line -- once
  return (
    <div
      ref={meter}
      className={classes.meter}
      role="meter"
      aria-label={words.device.level}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={0}
    >
      <div ref={bar} />
    </div>
  );
}
