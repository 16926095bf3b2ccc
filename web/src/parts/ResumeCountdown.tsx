import { useEffect, useState } from "react";

import words from "../words/en/lifecycle";
import { secondsBetween, when } from "./format";

/** How long until a timed pause resumes by itself. */
export function ResumeCountdown({ at }: { at: string }) {
  const left = useSecondsUntil(at);
  return (
    <time dateTime={at} title={when(at)} className="num">
      {words.resumesIn(left)}
    </time>
  );
}

export function useSecondsUntil(at: string): number {
  const [left, setLeft] = useState(() => secondsBetween(new Date(), at));
  useEffect(() => {
    const count = (): void => setLeft(secondsBetween(new Date(), at));
    count();
    const timer = setInterval(count, 1000);
    return () => clearInterval(timer);
  }, [at]);
  return left;
}
