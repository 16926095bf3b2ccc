import type { Campaign } from "../live/state";
import { percent } from "./format";
import words from "../words/en/campaigns";
import classes from "./ProgressBar.module.css";

/** How far a campaign is; called ones solid, in progress and waiting ones paler. */
export function ProgressBar({ campaign, tall = false }: { campaign: Campaign; tall?: boolean }) {
  const { leads, progress } = campaign;
  const share = (n: number) => `${(100 * n) / Math.max(1, leads.total)}%`;
  return (
    <div
      className={classes.bar}
      data-tall={tall || undefined}
      role="progressbar"
      aria-label={words.columns.progress}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={Math.round(100 * (progress ?? 0))}
      aria-valuetext={percent(progress, 0)}
    >
      <span className={classes.done} style={{ width: share(leads.done + leads.excluded) }} />
      <span className={classes.open} style={{ width: share(leads.in_progress) }} />
      <span className={classes.waiting} style={{ width: share(leads.waiting) }} />
    </div>
  );
}
