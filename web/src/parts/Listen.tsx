/** Plays a recording; one at a time in the whole page. */
import { ActionIcon, Text } from "@mantine/core";
import { IconPlayerPauseFilled, IconPlayerPlayFilled } from "@tabler/icons-react";
import { useEffect, useRef, useState } from "react";

import { countdown } from "./format";
import classes from "./Listen.module.css";
import words from "../words/en/parts";

interface Props {
  /** Of what the audio is, for those who do not see it. */
  name: string;
  src: string;
  durationMs: number;
}

let playing: HTMLAudioElement | null = null;

export function Listen({ name, src, durationMs }: Props) {
  const audio = useRef<HTMLAudioElement>(null);
  const [state, setState] = useState<"still" | "plays" | "failed">("still");
  const [atS, setAtS] = useState(0);
  const totalS = durationMs / 1000;
  useEffect(() => {
    const mine = audio.current;
    return () => mine?.pause();
  }, []);

  const toggle = (): void => {
    const mine = audio.current;
    if (mine === null) return;
    if (!mine.paused) {
      mine.pause();
      return;
    }
    playing?.pause();
    playing = mine;
    mine.play().catch((error: unknown) => {
      if (!(error instanceof DOMException && error.name === "AbortError")) setState("failed");
    });
  };
  const Icon = state === "plays" ? IconPlayerPauseFilled : IconPlayerPlayFilled;
  return (
    <span className={classes.listen}>
      <ActionIcon
        variant="default"
        radius="xl"
        size={32}
        onClick={toggle}
        aria-label={state === "plays" ? words.stopListening(name) : words.listen(name)}
      >
        <Icon size={14} aria-hidden />
      </ActionIcon>
      <span className={classes.track} aria-hidden>
        <span style={{ width: `${Math.min(100, (100 * atS) / Math.max(totalS, 0.1))}%` }} />
      </span>
      <Text component="span" size="xs" c="dimmed" className="num">
        {state === "failed" ? words.cannotPlay : countdown(atS > 0 ? totalS - atS : totalS)}
      </Text>
      <audio
        ref={audio}
        src={src}
        preload="none"
        onPlay={() => setState("plays")}
        onPause={() => setState("still")}
        onEnded={() => setAtS(0)}
        onTimeUpdate={(event) => setAtS(event.currentTarget.currentTime)}
      />
    </span>
  );
}
