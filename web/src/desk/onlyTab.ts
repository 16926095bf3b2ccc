/** One tab of a browser serves the desk: two would take the line from each other. */
import { useEffect, useState } from "react";

const LOCK = "caesura-desk";
const SAY_AFTER_MS = 1_000; // a page that is loaded anew lets go of it only now

export type Tab = "asking" | "here" | "elsewhere";

/** Whether it is this one, and what makes it this one. When the other is closed, it is this one. */
export function useOnlyTab(): [Tab, () => void] {
  const [tab, setTab] = useState<Tab>("asking");
  const [steal, setSteal] = useState(false);
  useEffect(() => {
    // Without HTTPS there are no locks, and no microphone either.
    if (!("locks" in navigator)) {
      setTab("here");
      return;
    }
    const asked = new AbortController();
    const held = new Promise<void>((resolve) =>
      asked.signal.addEventListener("abort", () => resolve()),
    );
    const timer = setTimeout(
      () => setTab((now) => (now === "asking" ? "elsewhere" : now)),
      SAY_AFTER_MS,
    );
    navigator.locks
      .request(LOCK, steal ? { steal: true } : { signal: asked.signal }, async () => {
        if (asked.signal.aborted) return;
        setTab("here");
        await held;
      })
      .catch(() => {
        if (asked.signal.aborted) return;
        setSteal(false); // another tab has taken it
        setTab("elsewhere");
      });
    return () => {
      clearTimeout(timer);
      asked.abort();
    };
  }, [steal]);
  return [tab, () => setSteal(true)];
}
