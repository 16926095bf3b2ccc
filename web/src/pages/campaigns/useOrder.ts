/** The ids to show, in order; changes only when the order does, so that figures move no rows. */
import { useEffect, useRef, useState } from "react";

import { current, useLive } from "../../live/store";
import type { LiveState } from "../../live/state";
import { isByFigures, shown } from "./order";
import type { View } from "./useView";

const SORT_EVERY_MS = 2000; // rows that jump with every call could not be read

export function useOrder(view: View): readonly number[] {
  const last = useRef<readonly number[]>([]);
  const signature = useLive(namesAndStates);
  const [tick, setTick] = useState(0);
  const live = isByFigures(view.sort);
  useEffect(() => {
    if (!live) return;
    const timer = setInterval(() => setTick((n) => n + 1), SORT_EVERY_MS);
    return () => clearInterval(timer);
  }, [live]);
  void signature;
  void tick;
  const { campaigns } = current();
  const ids = shown(campaigns.values(), view.filter, view.search, view.sort).map(({ id }) => id);
  if (ids.join() !== last.current.join()) last.current = ids;
  return last.current;
}

let seen: LiveState["campaigns"] | null = null;
let text = "";

/** Changes when a campaign appears, goes, or gets another name or state. */
function namesAndStates(now: LiveState): string {
  if (now.campaigns !== seen) {
    seen = now.campaigns;
    text = [...now.campaigns.values()].map((c) => `${c.id} ${c.status} ${c.name}`).join("\n");
  }
  return text;
}
