import { IconArrowDownRight, IconArrowUpRight, IconEqual } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";

import { comparison } from "../../api/campaign";
import type { Campaign } from "../../live/state";
import { percent, secondsBetween } from "../../parts/format";
import words from "../../words/en/campaign";
import classes from "./Campaign.module.css";

const SHOWN_S = 10 * 60;
const RECEIVED_MIN = 10; // fewer tell no rate
const SINCE_MIN_S = 60; // sooner, most calls still ring
const SAME = 0.02;

const texts = words.comparison;

/** For the first minutes after a resume: is it as good as before the pause? */
export function Comparison({ campaign }: { campaign: Campaign }) {
  const young = secondsBetween(campaign.state_since, new Date()) < SHOWN_S;
  const found = useQuery({ ...comparison(campaign.id), enabled: young }).data;
  if (!young || !found?.before || !found.since) return null;
  const { before, since } = found;
  const enough =
    Math.min(since.received, before.received) >= RECEIVED_MIN &&
    secondsBetween(since.from, since.to) >= SINCE_MIN_S;
  return (
    <section className={classes.comparison} aria-label={texts.title}>
      <h2>{texts.title}</h2>
      {enough ? (
        <dl>
          <Rate name={texts.answerRate} before={before.answer_rate} now={since.answer_rate} up />
          <Rate
            name={texts.abandonment}
            before={before.abandonment_rate}
            now={since.abandonment_rate}
          />
          <Rate name={texts.failures} before={before.failure_rate} now={since.failure_rate} />
        </dl>
      ) : (
        <span className="dim">{texts.wait}</span>
      )}
    </section>
  );
}

interface RateProps {
  name: string;
  before: number | null;
  now: number | null;
  /** More is better. */
  up?: boolean;
}

function Rate({ name, before, now, up = false }: RateProps) {
  const by = (now ?? 0) - (before ?? 0);
  const same = before === null || now === null || Math.abs(by) < SAME;
  const good = by > 0 === up;
  const Icon = same ? IconEqual : by > 0 ? IconArrowUpRight : IconArrowDownRight;
  const verdict = same ? texts.same : good ? texts.better : texts.worse;
  return (
    <div data-verdict={same ? "same" : good ? "better" : "worse"}>
      <dt>{name}</dt>
      <dd>
        <Icon size={15} role="img" aria-label={verdict} /> <strong>{percent(now)}</strong>{" "}
        <span className="dim">{texts.before(percent(before))}</span>
      </dd>
    </div>
  );
}
