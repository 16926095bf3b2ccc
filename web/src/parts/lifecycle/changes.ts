/** What changed in a campaign's settings between a pause and now. Pure. */
import type { Campaign } from "../../live/state";

/** Whether the configuration is another one than when the standing pause began. */
export function isChangedSincePause(campaign: Campaign): boolean {
  const receipt = campaign.last_receipt;
  if (campaign.status !== "paused" || receipt === null) return false;
  return receipt.settings_digest_before !== campaign.settings_digest;
}

export interface Change {
  /** Dotted from the top of the settings: "pacing.concurrency". */
  path: string;
  before: unknown;
  now: unknown;
}

/** The leaves in which two settings differ; lists count as leaves. */
export function changes(before: unknown, now: unknown, path = ""): Change[] {
  if (isObject(before) && isObject(now)) {
    const names = [...new Set([...Object.keys(before), ...Object.keys(now)])];
    return names.flatMap((name) =>
      changes(before[name], now[name], path === "" ? name : `${path}.${name}`),
    );
  }
  return JSON.stringify(before) === JSON.stringify(now) ? [] : [{ path, before, now }];
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
