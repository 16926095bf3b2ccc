/** The figures of the campaign, as tiles and charts. */
import { SegmentedControl } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { lazy, type ReactNode, Suspense, useState } from "react";

import { chart, estimate } from "../../api/campaign";
import type { Campaign } from "../../live/state";
import { count, duration, percent, when } from "../../parts/format";
import { ProgressBar } from "../../parts/ProgressBar";
import { RampUp } from "../../parts/RampUp";
import { Waiting } from "../../parts/Waiting";
import common from "../../words/en/common";
import words from "../../words/en/campaign";
import messages from "../../words/en/messages";
import { abandonment, type Range, RANGES, SPAN } from "./figures";
import { Ledgers } from "./Ledgers";
import classes from "./Overview.module.css";

const CallsChart = lazy(() => import("./CallsChart"));
const OutcomesChart = lazy(() => import("./OutcomesChart"));
const HeatMap = lazy(() => import("./HeatMap"));

export function Overview({ campaign }: { campaign: Campaign }) {
  const [range, setRange] = useState<Range>("all");
  return (
    <>
      {campaign.channel === "voice" ? (
        <Tiles campaign={campaign} />
      ) : (
        <MessageTiles campaign={campaign} />
      )}
      <Progress campaign={campaign} />
      {campaign.needs_agents && <Ledgers campaign={campaign} />}
      <div className={classes.grid}>
        <section className={`card ${classes.chart} ${classes.wide}`}>
          <header>
            <h2>{campaign.channel === "voice" ? words.charts.calls : messages.charts.title}</h2>
            <SegmentedControl
              size="xs"
              aria-label={words.charts.range}
              value={range}
              onChange={(value) => setRange(value as Range)}
              data={RANGES.map((each) => ({ value: each, label: words.charts.ranges[each] }))}
            />
          </header>
          <Suspense fallback={<Waiting />}>
            <CallsChart campaign={campaign} span={SPAN[range]} />
          </Suspense>
        </section>
        <section className={`card ${classes.chart}`}>
          <Suspense fallback={<Waiting />}>
            <OutcomesChart campaign={campaign} span={SPAN[range]} />
          </Suspense>
        </section>
        {campaign.channel === "voice" && (
          <section className={`card ${classes.chart} ${classes.full}`}>
            <Suspense fallback={<Waiting />}>
              <HeatMap campaign={campaign} />
            </Suspense>
          </section>
        )}
      </div>
    </>
  );
}

function MessageTiles({ campaign }: { campaign: Campaign }) {
  const texts = messages.tiles;
  const now = campaign.in_flight.ringing;
  return (
    <dl className={classes.tiles}>
      <Tile name={texts.sent} value={count(campaign.sent ?? 0)} hint={texts.sentHint} big />
      <Tile
        name={texts.delivered}
        value={count(campaign.delivered ?? 0)}
        hint={texts.deliveredHint}
        big
      />
      <Tile
        name={texts.rate}
        value={percent(campaign.delivery_rate ?? null)}
        hint={texts.rateHint}
        big
      />
      {campaign.channel === "sms" && (
        <>
          <Tile name={texts.replies} value={count(campaign.replies ?? 0)} hint={texts.repliesHint} />
          <Tile
            name={texts.optOuts}
            value={count(campaign.opt_outs ?? 0)}
            hint={texts.optOutsHint}
          />
        </>
      )}
      <Tile
        name={texts.now}
        value={count(now)}
        detail={now > 0 ? texts.nowDetail(now) : undefined}
        live={now > 0}
      />
    </dl>
  );
}

function Tiles({ campaign }: { campaign: Campaign }) {
  const whole = useQuery(chart(campaign.id, null)).data;
  const { ringing, talking } = campaign.in_flight;
  const texts = words.tiles;
  return (
    <dl className={classes.tiles}>
      <Tile name={texts.received} value={count(campaign.received)} hint={texts.receivedHint} big />
      <Tile name={texts.answered} value={count(campaign.answered)} hint={texts.answeredHint} big />
      <Tile
        name={texts.duration}
        value={duration(campaign.average_duration_s)}
        hint={texts.durationHint}
        big
      />
      <Tile name={texts.rate} value={percent(campaign.answer_rate)} hint={texts.rateHint} />
      <Tile
        name={texts.abandonment}
        value={whole ? percent(abandonment(whole.outcomes)) : common.notYet}
        hint={texts.abandonmentHint}
      />
      <Tile
        name={texts.now}
        value={count(ringing + talking)}
        detail={
          <>
            {ringing + talking > 0 && texts.nowDetail(ringing, talking)}
            {campaign.ramp_up !== null && (
              <div>
                <RampUp ramp={campaign.ramp_up} />
              </div>
            )}
          </>
        }
        live={ringing + talking > 0}
      />
    </dl>
  );
}

interface TileProps {
  name: string;
  value: string;
  hint?: string;
  detail?: ReactNode;
  big?: boolean;
  live?: boolean;
}

function Tile({ name, value, hint, detail, big = false, live = false }: TileProps) {
  return (
    <div className={`card ${classes.tile}`} data-big={big || undefined}>
      <dt>
        {live && <span className={classes.pulse} aria-hidden />}
        {name}
      </dt>
      <dd>
        <span className="num">{value}</span>
        <small>{detail ?? hint}</small>
      </dd>
    </div>
  );
}

const STATES = ["done", "in_progress", "waiting", "due", "held", "excluded"] as const;

function Progress({ campaign }: { campaign: Campaign }) {
  const { leads } = campaign;
  const texts = words.progress;
  if (leads.total === 0) return null;
  return (
    <section className={`card ${classes.progress}`}>
      <header>
        <h2>
          {texts.title} <span className="num">{percent(campaign.progress, 0)}</span>
        </h2>
        <Finish campaign={campaign} />
      </header>
      <ProgressBar campaign={campaign} tall />
      <ul>
        {STATES.filter((state) => state !== "held" || leads.held > 0).map((state) => (
          <li key={state} data-state={state}>
            <strong className="num">{count(leads[state])}</strong> {texts.states[state]}
          </li>
        ))}
      </ul>
    </section>
  );
}

function Finish({ campaign }: { campaign: Campaign }) {
  const running = campaign.status === "running";
  const found = useQuery({ ...estimate(campaign.id), enabled: running }).data;
  if (!running) return null;
  const texts = words.progress;
  if (!found?.finish_at) return <span className="dim">{texts.noEstimate}</span>;
  const pace = found.finished_per_minute ?? 0;
  return <span className="dim">{texts.finish(when(found.finish_at), pace)}</span>;
}
