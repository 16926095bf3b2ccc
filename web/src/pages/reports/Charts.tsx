import { keepPreviousData, useQueries } from "@tanstack/react-query";
import { useCallback, useMemo } from "react";

import { type CampaignReport, chartOf, type Span } from "../../api/reports";
import Chart, { type Option } from "../../parts/chart/Chart";
import type { Colours } from "../../parts/chart/colours";
import OutcomeBars from "../../parts/chart/OutcomeBars";
import { clockWithoutZone, count, day, moment, percent, sum } from "../../parts/format";
import { Waiting } from "../../parts/Waiting";
import outcomeWords from "../../words/en/campaign";
import words from "../../words/en/reports";
import { stacked, total } from "./figures";
import classes from "./Reports.module.css";

const HEIGHT = 260;
const DAY_S = 86_400;
/** So many campaigns are added up for the chart; it is drawn of the busiest. */
const SUMMED_MAX = 20;

export default function Charts({ span, items }: { span: Span; items: CampaignReport[] }) {
  return (
    <div className={classes.charts}>
      <section className={`card ${classes.chart}`}>
        <Calls span={span} items={items} />
      </section>
      <section className={`card ${classes.chart}`}>
        <Outcomes items={items} />
      </section>
    </div>
  );
}

function Calls({ span, items }: { span: Span; items: CampaignReport[] }) {
  const busiest = [...items].sort((a, b) => b.received - a.received).slice(0, SUMMED_MAX);
  const { charts, pending } = useQueries({
    queries: busiest.map(({ id }) => ({
      ...chartOf(id, span),
      placeholderData: keepPreviousData,
    })),
    combine: (all) => ({
      charts: all.flatMap(({ data }) => (data ? [data] : [])),
      pending: all.some(({ isPending }) => isPending),
    }),
  });
  const buckets = useMemo(() => stacked(charts), [charts]);
  const width = charts[0]?.bucket_s ?? 60;
  const draw = useCallback(
    (colours: Colours): Option => ({
      grid: { left: 4, right: 8, top: 10, bottom: 0, containLabel: true },
      tooltip: {
        trigger: "axis",
        axisPointer: { type: "shadow" },
        backgroundColor: colours.surface,
        borderColor: colours.line,
        textStyle: { color: colours.text, fontSize: 12.5 },
        formatter: (params: unknown) => tip(params, buckets, width),
      },
      xAxis: {
        type: "category",
        data: buckets.map(({ start }) => start),
        axisLine: { lineStyle: { color: colours.line } },
        axisTick: { show: false },
        axisLabel: {
          color: colours.dim,
          fontSize: 11.5,
          hideOverlap: true,
          formatter: (start: string) => (width >= DAY_S ? day(start) : axisText(start, buckets)),
        },
      },
      yAxis: {
        type: "value",
        minInterval: 1,
        axisLabel: { color: colours.dim, fontSize: 11.5, formatter: (n: number) => count(n) },
        splitLine: { lineStyle: { color: colours.line } },
      },
      series: [
        bars(words.answered, colours.accent, buckets.map((each) => each.answered)),
        bars(words.notAnswered, colours.accentSoft, buckets.map((each) => each.received - each.answered)), // prettier-ignore
      ],
    }),
    [buckets, width],
  );
  const sum = total(items);
  return (
    <>
      <header>
        <h2>{items.length > SUMMED_MAX ? words.callsOfBusiest(SUMMED_MAX) : words.calls}</h2>
        <ul className={classes.legend} aria-hidden>
          <li style={{ ["--swatch" as string]: "var(--chart-answered)" }}>{words.answered}</li>
          <li style={{ ["--swatch" as string]: "var(--chart-received)" }}>{words.notAnswered}</li>
        </ul>
      </header>
      {pending && charts.length === 0 ? (
        <Waiting />
      ) : (
        <Chart draw={draw} height={HEIGHT} label={words.callsLabel(sum.received, sum.answered)} />
      )}
    </>
  );
}

function bars(name: string, color: string, data: number[]) {
  return { name, type: "bar", stack: "calls", barCategoryGap: "18%", itemStyle: { color }, data };
}

/** The day where the time is longer than one, else the time of day. */
function axisText(start: string, buckets: readonly { start: string }[]): string {
  const first = buckets[0]?.start ?? start;
  const longer = Date.parse(buckets.at(-1)?.start ?? start) - Date.parse(first) > DAY_S * 1000;
  return longer ? day(start) : clockWithoutZone(start);
}

function tip(
  params: unknown,
  buckets: readonly { start: string; received: number; answered: number }[],
  width: number,
): string {
  const index = (params as { dataIndex: number }[])[0]?.dataIndex ?? -1;
  const bucket = buckets[index];
  if (!bucket) return "";
  const { start, received, answered } = bucket;
  return `${width >= DAY_S ? day(start) : moment(start)}
    <br>${words.tiles.received}: <b>${count(received)}</b>
    <br>${words.tiles.answered}: <b>${count(answered)}</b>
    (${percent(received > 0 ? answered / received : null)})`;
}

function Outcomes({ items }: { items: CampaignReport[] }) {
  const { outcomes } = useMemo(() => total(items), [items]);
  return (
    <>
      <header>
        <h2>{words.outcomes}</h2>
        <span className="dim num">{words.ended(sum(Object.values(outcomes)))}</span>
      </header>
      <OutcomeBars outcomes={outcomes} nameOf={nameOf} />
    </>
  );
}

function nameOf(outcome: string): string {
  return outcomeWords.outcomes[outcome] ?? outcome;
}
