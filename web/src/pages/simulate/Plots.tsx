/** The course of the shift, a line for each pacing. Lines differ in their strokes, not only by colour. */
import { LineChart } from "echarts/charts";
import { MarkLineComponent } from "echarts/components";
import * as echarts from "echarts/core";
import { useCallback } from "react";

import type { Simulation } from "../../api/simulations";
import Chart, { type Option } from "../../parts/chart/Chart";
import type { Colours } from "../../parts/chart/colours";
import { count, percent } from "../../parts/format";
import words from "../../words/en/simulate";
import { clockOf } from "./draft";
import { abandonedSoFar, callsAnHour, marksEvery, type Series, talking } from "./figures";
import { shownName } from "./Results";
import classes from "./Simulate.module.css";

echarts.use([LineChart, MarkLineComponent]);

const HEIGHT = 210;
const STROKES = [[], [7, 4], [2, 3], [10, 3, 2, 3], [4, 2]] as const;
const texts = words.charts;

interface Plot {
  title: string;
  hint: string;
  lines: Series[];
  format: (value: number) => string;
  target?: number;
  /** Of the axis; default: as the lines need it. */
  max?: number;
}

export default function Plots({ simulation }: { simulation: Simulation }) {
  const { results, shift } = simulation;
  const slices = results.map((each) => each.slices);
  const plots: Plot[] = [
    {
      title: texts.talking,
      hint: texts.talkingHint,
      lines: slices.map(talking),
      format: (value) => percent(value, 0),
      max: 1,
    },
    {
      title: texts.abandoned,
      hint: texts.abandonedHint,
      lines: slices.map(abandonedSoFar),
      format: (value) => percent(value, 1),
      target: shift.abandonment_max,
    },
    {
      title: texts.calls,
      hint: texts.callsHint,
      lines: slices.map((each) => callsAnHour(each, shift.hours * 3600)),
      format: count,
    },
  ];
  const names = results.map((each) => shownName(each.pacing));
  return (
    <div className={classes.plots}>
      {plots.map((plot) => (
        <section key={plot.title} className={`card ${classes.plot}`}>
          <header>
            <h2>
              {plot.title} <span className="dim">{plot.hint}</span>
            </h2>
            <Legend names={names} />
          </header>
          <Lines plot={plot} names={names} simulation={simulation} />
        </section>
      ))}
    </div>
  );
}

function Legend({ names }: { names: string[] }) {
  return (
    <ul className={classes.legend} aria-hidden>
      {names.map((name, index) => (
        <li key={index}>
          <svg width={24} height={8}>
            <line
              x1={0}
              y1={4}
              x2={24}
              y2={4}
              stroke={`var(--series-${(index % STROKES.length) + 1})`}
              strokeWidth={2.5}
              strokeDasharray={strokeOf(index).join(" ")}
            />
          </svg>
          {name}
        </li>
      ))}
    </ul>
  );
}

function strokeOf(index: number): readonly number[] {
  return STROKES[index % STROKES.length] ?? [];
}

interface LinesProps {
  plot: Plot;
  names: string[];
  simulation: Simulation;
}

function Lines({ plot, names, simulation }: LinesProps) {
  const { shift } = simulation;
  // The figures of a pacing never change: how many there are tells whether the drawing does.
  const draw = useCallback(
    (colours: Colours): Option => ({
      grid: { left: 4, right: 14, top: 14, bottom: 0, containLabel: true },
      tooltip: {
        trigger: "axis",
        backgroundColor: colours.surface,
        borderColor: colours.line,
        textStyle: { color: colours.text, fontSize: 12.5 },
        formatter: (params: unknown) => tip(params, plot, names, shift.starts_at_s),
      },
      xAxis: {
        type: "value",
        min: 0,
        max: shift.hours * 3600,
        interval: marksEvery(shift.hours),
        axisLine: { lineStyle: { color: colours.line } },
        splitLine: { show: false },
        axisLabel: {
          color: colours.dim,
          fontSize: 11.5,
          hideOverlap: true,
          formatter: (at: number) => clockOf(shift.starts_at_s + at),
        },
      },
      yAxis: {
        type: "value",
        min: 0,
        ...(plot.max !== undefined ? { max: plot.max, interval: plot.max / 4 } : {}),
        axisLabel: { color: colours.dim, fontSize: 11.5, formatter: plot.format },
        splitLine: { lineStyle: { color: colours.line } },
        splitNumber: 4,
      },
      series: plot.lines.map(({ points }, index) => ({
        type: "line",
        name: names[index],
        showSymbol: false,
        data: points,
        itemStyle: { color: colours.series[index % colours.series.length] },
        lineStyle: { width: 2, type: [...strokeOf(index)].length > 0 ? strokeOf(index) : "solid" },
        ...(index === 0 && plot.target !== undefined ? { markLine: targetLine(plot.target, colours) } : {}),
      })),
    }),
    [simulation.id, simulation.results.length, plot.title], // eslint-disable-line
  );
  const ends = plot.lines.map(({ points }, index) => {
    const last = points.at(-1)?.[1] ?? null;
    return texts.end(names[index] ?? "", last === null ? "—" : plot.format(last));
  });
  return <Chart draw={draw} height={HEIGHT} label={texts.label(plot.title, ends.join(", "))} />;
}

function targetLine(target: number, colours: Colours) {
  return {
    symbol: "none",
    silent: true,
    lineStyle: { color: colours.dim, type: "dotted", width: 1.5 },
    label: {
      position: "insideEndTop",
      color: colours.dim,
      fontSize: 11.5,
      formatter: texts.target(target),
    },
    data: [{ yAxis: target }],
  };
}

function tip(params: unknown, plot: Plot, names: string[], startsAt: number): string {
  const [first] = params as { dataIndex: number }[];
  const index = first?.dataIndex ?? -1;
  const at = plot.lines[0]?.points[index]?.[0];
  if (at === undefined) return "";
  const rows = plot.lines.map(({ points }, line) => {
    const value = points[index]?.[1] ?? null;
    return `<br>${names[line] ?? ""}: <b>${value === null ? "—" : plot.format(value)}</b>`;
  });
  return clockOf(startsAt + at) + rows.join("");
}
