/** When a pause asks first. The same rule as the server's `rules/system_settings.py`. Pure. */

export interface PausePolicy {
  confirm_pause: "always" | "in_flight" | "never";
  allow_dont_ask_again: boolean;
}

export function asksBeforePause(
  policy: PausePolicy,
  dontAsk: boolean,
  inFlight: number,
): boolean {
  if (dontAsk && policy.allow_dont_ask_again) return false;
  if (policy.confirm_pause === "in_flight") return inFlight > 0;
  return policy.confirm_pause === "always";
}
