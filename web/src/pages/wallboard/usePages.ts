/** Turns the pages of what does not fit on the screen; on a phone everything is one page. */
import { useMediaQuery, useReducedMotion, useViewportSize } from "@mantine/hooks";
import { useEffect, useState } from "react";

import type { Campaign } from "../../live/state";
import { pageOf, rowsThatFit } from "./wall";

const EVERY_MS = 12_000;

export interface Pages {
  readonly rows: readonly Campaign[];
  readonly page: number;
  readonly pages: number;
  /** The pages do not turn by themselves. */
  readonly held: boolean;
  readonly turn: (by: number) => void;
  readonly hold: () => void;
}

export function usePages(rows: readonly Campaign[]): Pages {
  const narrow = useMediaQuery("(max-width: 760px)");
  const { height } = useViewportSize();
  const [turned, setTurned] = useState(0);
  const [chosen, setChosen] = useState<boolean | null>(null);
  const held = useReducedMotion() || false;
  const stands = chosen ?? held;
  const perPage = narrow ? Math.max(1, rows.length) : rowsThatFit(height || 900);
  const shown = pageOf(rows, turned, perPage);
  useEffect(() => {
    if (stands || shown.pages === 1) return;
    const timer = setInterval(() => setTurned((before) => before + 1), EVERY_MS);
    return () => clearInterval(timer);
  }, [stands, shown.pages]);
  return {
    ...shown,
    held: stands,
    turn: (by) => setTurned(shown.page + by),
    hold: () => setChosen(!stands),
  };
}
