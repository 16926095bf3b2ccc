/** Received calls over time, those answered below; where the campaign was paused is shaded. */
import { IconChartBar } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useCallback } from "react";

import { chart, lastTransitions } from "../../api/campaign";
import type { Campaign } from "../../live/state";
import Chart, { type Option } from "../../parts/chart/Chart";
import type { Colours } from "../../parts/chart/colours";
import { Empty } from "../../parts/Empty";
import { Failure } from "../../parts/Failure";
import { clock, clockWithoutZone, count, day, moment, percent, sum } from "../../parts/format";
import { Waiting } from "../../parts/Waiting";
import words from "../../words/en/campaign";
import messages from "../../words/en/messages";
import { pauses } from "./figures";
import classes from "./Overview.module.css";

const texts = words.charts;
const HEIGHT = 250;
const DAY_S = 86_400;
const MINUTE_MS = 60_000;

export default function CallsChart({ campaign, span }: { campaign: Campaign; span: number | null }) {
  const asked = useQuery(chart(campaign.id, span));
  const transitions = useQuery(lastTransitions(campaign.id)).data?.items;
  const found = asked.data;
  const voice = campaign.channel === "voice";
  const names = voice ? texts : { received: messages.charts.sent, answered: messages.charts.delivered };

  const draw = useCallback(
    (colours: Colours): Option => {
      if (!found) return {};
      const end = Date.parse(found.to);
      const shaded = pauses(transitions ?? [], Date.parse(found.from), end);
      const wide = found.buckets.length * found.bucket_s > DAY_S;
      return {
        grid: { left: 4, right: 8, top: 10, bottom: 0, containLabel: true },
        tooltip: {
          trigger: "axis",
          axisPointer: { type: "shadow" },
          backgroundColor: colours.surface,
          borderColor: colours.line,
          textStyle: { color: colours.text, fontSize: 12.5 },
          formatter: (params: unknown) => tip(params, found.bucket_s, names),
        },
        xAxis: {
          type: "time",
          min: Date.parse(found.from),
          max: end,
          axisLine: { lineStyle: { color: colours.line } },
          axisTick: { show: false },
          axisLabel: {
            color: colours.dim,
            fontSize: 11.5,
            hideOverlap: true,
            formatter: (at: number) => {
              if (at % MINUTE_MS !== 0) return ""; // of a young campaign: no minute is told twice
              return wide && clockWithoutZone(at) === "00:00" ? day(at) : clockWithoutZone(at);
            },
          },
          splitLine: { show: false },
        },
        yAxis: {
          type: "value",
          minInterval: 1,
          axisLabel: { color: colours.dim, fontSize: 11.5, formatter: (n: number) => count(n) },
          splitLine: { lineStyle: { color: colours.line } },
        },
        series: [
          {
            name: names.received,
            type: "bar",
            barCategoryGap: "18%",
            // A call that rings in one minute may be answered in the next: beside, not stacked.
            barGap: "-100%",
            itemStyle: { color: colours.accentSoft, borderRadius: [2, 2, 0, 0] },
            data: found.buckets.map((each) => [
              mid(each.start, found.bucket_s),
              voice ? each.received : each.sent,
            ]),
            markArea: {
              silent: true,
              itemStyle: { color: colours.paused },
              label: {
                show: true,
                position: "insideTop",
                color: colours.dim,
                fontSize: 14,
                formatter: "‖",
              },
              data: shaded.map(({ from, to }) => [{ xAxis: from }, { xAxis: to }]),
            },
          },
          {
            name: names.answered,
            type: "bar",
            itemStyle: { color: colours.accent, borderRadius: [2, 2, 0, 0] },
            data: found.buckets.map((each) => [
              mid(each.start, found.bucket_s),
              voice ? each.answered : each.delivered,
            ]),
          },
        ],
      };
    },
    [found, transitions, voice, names.received, names.answered],
  );

  if (!found) {
    if (asked.isPending) return <Waiting />;
    return <Failure problem={asked.error} again={() => void asked.refetch()} />;
  }
  const received = sum(found.buckets.map((each) => (voice ? each.received : (each.sent ?? 0))));
  const answered = sum(found.buckets.map((each) => (voice ? each.answered : (each.delivered ?? 0))));
  if (received === 0) {
    return (
      <Empty
        icon={<IconChartBar size={30} stroke={1.5} />}
        title={voice ? texts.nothing : messages.charts.nothing}
        hint={voice ? texts.nothingHint : messages.charts.nothingHint}
      />
    );
  }
  return (
    <>
      <ul className={classes.legend} aria-hidden>
        <Swatch name={names.received} colour="var(--chart-received)" />
        <Swatch name={names.answered} colour="var(--chart-answered)" />
        <Swatch name={`‖ ${texts.paused}`} colour="var(--chart-paused)" />
      </ul>
      <Chart
        draw={draw}
        height={HEIGHT}
        label={(voice ? texts.callsLabel : messages.charts.label)(
          received,
          answered,
          moment(found.from),
          moment(found.to),
        )}
      />
    </>
  );
}

function Swatch({ name, colour }: { name: string; colour: string }) {
  return <li style={{ ["--swatch" as string]: colour }}>{name}</li>;
}

/** Bars stand in the middle of their piece of time. */
function mid(start: string, width_s: number): number {
  return Date.parse(start) + width_s * 500;
}

interface Point {
  seriesName: string;
  value: [number, number];
}

interface Names {
  received: string;
  answered: string;
}

function tip(params: unknown, width_s: number, names: Names): string {
  const points = params as Point[];
  const [first] = points;
  if (first === undefined) return "";
  const of = (name: string) => points.find((each) => each.seriesName === name)?.value[1] ?? 0;
  const answered = of(names.answered);
  const received = of(names.received);
  const start = first.value[0] - width_s * 500;
  const rate = received > 0 ? percent(answered / received) : "—";
  return `${width_s >= DAY_S ? day(start) : `${moment(start)} – ${clock(start + width_s * 1000, false)}`}
    <br>${names.received}: <b>${count(received)}</b>
    <br>${names.answered}: <b>${count(answered)}</b> (${rate})`;
}
