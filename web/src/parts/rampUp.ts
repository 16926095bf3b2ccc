/** How many calls at once a campaign may have while it ramps up, as the server reckons. Pure. */
import { secondsBetween } from "./format";

interface Ramp {
  since: string;
  until: string;
  of: number;
}

/** `left_s` before it is at full speed. */
export function allowed({ since, until, of }: Ramp, left_s: number): number {
  const whole = secondsBetween(since, until);
  const grown = whole <= 0 ? 1 : 1 - left_s / whole;
  return Math.min(of, Math.max(1, Math.floor(of * grown)));
}
