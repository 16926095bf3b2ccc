import { Checkbox, Tooltip } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { IconMessage2, IconPhone, IconPlayerPauseFilled } from "@tabler/icons-react";
import { memo } from "react";
import { Link } from "wouter";

import { agents } from "../../api/agents";
import type { Campaign } from "../../live/state";
import { useCampaign } from "../../live/store";
import { count, duration, percent, when } from "../../parts/format";
import { LifecycleButton } from "../../parts/lifecycle/LifecycleButton";
import { Hours } from "../../parts/Hours";
import { ProgressBar } from "../../parts/ProgressBar";
import { ResumeCountdown } from "../../parts/ResumeCountdown";
import { StatusBadge } from "../../parts/StatusBadge";
import { RampUp } from "../../parts/RampUp";
import common from "../../words/en/common";
import lifecycle from "../../words/en/lifecycle";
import words from "../../words/en/campaigns";
import messages from "../../words/en/messages";
import holds from "../../words/en/holds";
import classes from "./CampaignTable.module.css";

interface Props {
  id: number;
  chosen: boolean;
  onChoose: (id: number, yes: boolean) => void;
}

/** One campaign. Takes its figures by itself, so that a change redraws this row only. */
export const CampaignRow = memo(function CampaignRow({ id, chosen, onChoose }: Props) {
  const campaign = useCampaign(id);
  if (campaign === undefined) return null;
  const { columns } = words;
  return (
    <tr data-status={campaign.status} data-chosen={chosen || undefined}>
      <td className={classes.check}>
        <Checkbox
          size="xs"
          aria-label={words.select(campaign.name)}
          checked={chosen}
          onChange={(event) => onChoose(id, event.currentTarget.checked)}
        />
      </td>
      <td className={classes.nameCell}>
        <Link href={`/campaigns/${id}`} className={classes.name}>
          {campaign.name}
        </Link>
        <span className={classes.sub}>
          <Channel channel={campaign.channel} />
          {campaign.lists.length > 0 ? campaign.lists.join(", ") : words.noLists}
        </span>
      </td>
      <td className={classes.status}>
        <StatusBadge status={campaign.status} />
        <span className={classes.sub}>
          <Sub campaign={campaign} />
        </span>
        {campaign.holds.length > 0 && (
          <span className={classes.held}>
            <IconPlayerPauseFilled size={10} aria-hidden />
            {holds.badge(campaign.holds.length)}
          </span>
        )}
      </td>
      <td className={classes.progress}>
        <Progress campaign={campaign} />
      </td>
      <td className={classes.numeric} data-label={columns.flight}>
        <InFlight campaign={campaign} />
      </td>
      {campaign.channel === "voice" ? (
        <CallFigures campaign={campaign} />
      ) : (
        <MessageFigures campaign={campaign} />
      )}
      <td className={classes.wide}>
        <Hours id={id} />
      </td>
      <td className={classes.action}>
        <LifecycleButton campaign={campaign} />
      </td>
    </tr>
  );
});

function CallFigures({ campaign }: { campaign: Campaign }) {
  const { columns } = words;
  return (
    <>
      <td className={classes.numeric} data-label={columns.received}>
        <strong>{count(campaign.received)}</strong>
      </td>
      <td className={classes.numeric} data-label={columns.answered}>
        <strong>{count(campaign.answered)}</strong>
        <span className={classes.sub}>{percent(campaign.answer_rate)}</span>
      </td>
      <td className={classes.numeric} data-label={columns.duration}>
        {duration(campaign.average_duration_s)}
      </td>
      <AgentsOf id={campaign.id} />
    </>
  );
}

/** In the columns of calls: what was sent, what arrived, what was written back. */
function MessageFigures({ campaign }: { campaign: Campaign }) {
  const texts = messages.row;
  return (
    <>
      <td className={classes.numeric} data-label={texts.sent}>
        <strong>{count(campaign.sent ?? 0)}</strong>
        <span className={classes.sub}>{texts.sent}</span>
      </td>
      <td className={classes.numeric} data-label={messages.tiles.delivered}>
        <strong>{count(campaign.delivered ?? 0)}</strong>
        <span className={classes.sub}>{texts.delivered(percent(campaign.delivery_rate ?? null))}</span>
      </td>
      <td className={classes.numeric} data-label={messages.tiles.replies}>
        {campaign.channel === "email" ? (
          <Tooltip label={texts.noReplies} openDelay={300}>
            <span>{common.notYet}</span>
          </Tooltip>
        ) : (
          <>
            {count(campaign.replies ?? 0)}
            <span className={classes.sub}>{texts.replies}</span>
          </>
        )}
      </td>
      <Agents text={texts.agents} hint={texts.agentsHint} />
    </>
  );
}

/** How many of those who take its conversations are there; none may be needed. */
function AgentsOf({ id }: { id: number }) {
  const all = useQuery({
    ...agents,
    refetchInterval: 5_000,
    // A text, so that the row is drawn anew only where it changes.
    select: (each) => {
      const assigned = each.filter(
        ({ retired, assignments }) => !retired && assignments.some(({ campaign }) => campaign.id === id),
      );
      return `${assigned.filter(({ desk }) => desk !== null).length}/${assigned.length}`;
    },
  }).data;
  const [on = 0, assigned = 0] = (all ?? "0/0").split("/").map(Number);
  return assigned === 0 ? (
    <Agents text={words.message} hint={words.messageHint} />
  ) : (
    <Agents text={words.onShift(on, assigned)} hint={words.onShiftHint} />
  );
}

function Agents({ text, hint }: { text: string; hint: string }) {
  return (
    <td className={classes.wide}>
      <Tooltip label={hint} openDelay={300}>
        <span className={classes.agents}>{text}</span>
      </Tooltip>
    </td>
  );
}

/** Below the status: what is awaited, else since when. */
function Sub({ campaign }: { campaign: Campaign }) {
  const { resumption, release_request: request, ramp_up: ramp, status } = campaign;
  if (request !== null) return <>{lifecycle.release.awaits}</>;
  if (resumption !== null) {
    if (resumption.at === null) return <>{lifecycle.onCondition}</>;
    return <ResumeCountdown at={resumption.at} />;
  }
  const since = words.since(when(campaign.state_since));
  if (status === "running" && ramp !== null) return <RampUp ramp={ramp} otherwise={since} />;
  return <>{since}</>;
}

function Channel({ channel }: { channel: string }) {
  const Icon = channel === "voice" ? IconPhone : IconMessage2;
  const name = messages.channels[channel] ?? channel;
  return <Icon size={13} aria-label={name} role="img" style={{ flex: "none" }} />;
}

function Progress({ campaign }: { campaign: Campaign }) {
  const { leads } = campaign;
  if (leads.total === 0) return <span className={classes.sub}>{words.noLeads}</span>;
  const left = leads.total - leads.done - leads.excluded;
  return (
    <>
      <ProgressBar campaign={campaign} />
      <span className={classes.sub}>
        <span className="num">{percent(campaign.progress, 0)}</span>
        <span className={classes.left}>{words.leadsLeft(left)}</span>
      </span>
    </>
  );
}

function InFlight({ campaign }: { campaign: Campaign }) {
  const { ringing, talking } = campaign.in_flight;
  if (ringing + talking === 0) return <span className="dim">{common.notYet}</span>;
  return (
    <>
      {count(ringing + talking)}
      <span className={classes.sub}>
        {campaign.channel === "voice" ? words.flight(ringing, talking) : messages.row.flight}
      </span>
    </>
  );
}
