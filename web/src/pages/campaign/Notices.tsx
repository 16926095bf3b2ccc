/** Under the head: what is awaited, why nothing is dialled, what a pause did, how a resume does. */
import { IconHeadset, IconHourglass, IconInfoCircle } from "@tabler/icons-react";
import { Link } from "wouter";

import type { Campaign } from "../../live/state";
import { Holds } from "../../parts/lifecycle/Holds";
import { ReceiptBanner } from "../../parts/lifecycle/ReceiptBanner";
import { ReleaseBanner } from "../../parts/lifecycle/ReleaseBanner";
import { ResumptionNote } from "../../parts/lifecycle/ResumptionNote";
import words from "../../words/en/campaign";
import lifecycle from "../../words/en/lifecycle";
import messages from "../../words/en/messages";
import classes from "./Campaign.module.css";
import { Comparison } from "./Comparison";

export function Notices({ campaign }: { campaign: Campaign }) {
  const { status, last_receipt: receipt } = campaign;
  const passing = status === "pausing" || status === "terminating";
  const stands = receipt !== null && (status === "paused" || status === "terminated");
  return (
    <div className={classes.notices} aria-live="polite">
      {passing && <Awaited campaign={campaign} status={status} />}
      {status === "paused" && <ReleaseBanner campaign={campaign} />}
      {stands && <ReceiptBanner campaign={campaign} receipt={receipt} />}
      {status === "paused" && <ResumptionNote campaign={campaign} />}
      {campaign.destination !== null && (
        <div className={classes.why}>
          <IconHeadset size={18} aria-hidden />
          <span>{lifecycle.destination.stands(campaign.destination.name)}</span>
        </div>
      )}
      <Holds campaign={campaign} />
      {status === "running" && campaign.why !== null && (
        <div className={classes.why} role="note" aria-label={campaign.channel === "voice" ? words.whyLabel : messages.why}>
          <IconInfoCircle size={18} aria-hidden />
          <span>
            {campaign.why} <WhyLink campaign={campaign} />
          </span>
        </div>
      )}
      {status === "running" && receipt?.kind === "pause" && campaign.channel === "voice" && (
        <Comparison campaign={campaign} />
      )}
    </div>
  );
}

function Awaited({
  campaign,
  status,
}: {
  campaign: Campaign;
  status: "pausing" | "terminating";
}) {
  const open = campaign.last_receipt?.cells.filter((cell) => cell.confirmed_by === null) ?? [];
  return (
    <div className={classes.why}>
      <IconHourglass size={18} aria-hidden />
      <span>
        {words.passing[status]} {open.length > 0 && words.passing.leases(open.length)}
      </span>
    </div>
  );
}

/** The place that would change what the sentence says. */
function WhyLink({ campaign }: { campaign: Campaign }) {
  const why = campaign.why ?? "";
  const path = `/campaigns/${campaign.id}`;
  if (/trunk|channel|provider/i.test(why)) return <Link href="/numbers">{words.whyLinks.trunks}</Link>;
  if (/lead is left|retry/i.test(why)) {
    return <Link href={`${path}/leads`}>{words.whyLinks.leads}</Link>;
  }
  return <Link href={`${path}/settings`}>{words.whyLinks.settings}</Link>;
}
