/** How attempts ended, a bar for each outcome, the most frequent first. */
import { useCallback, useMemo } from "react";

import { count, percent, sum } from "../format";
import Chart, { type Option } from "./Chart";
import type { Colours } from "./colours";

const ROW_PX = 32;
const GOOD = ["answered", "delivered"];

interface Props {
  outcomes: Readonly<Record<string, number>>;
  nameOf: (outcome: string) => string;
}

export default function OutcomeBars({ outcomes, nameOf }: Props) {
  const rows = useMemo(() => ranked(outcomes), [outcomes]);
  const draw = useCallback(
    (colours: Colours): Option => {
      const all = sum(rows.map(([, n]) => n));
      return {
        grid: { left: 0, right: 96, top: 0, bottom: 0, containLabel: true },
        xAxis: { type: "value", show: false, max: rows[0]?.[1] ?? 1 },
        yAxis: {
          type: "category",
          inverse: true,
          data: rows.map(([outcome]) => nameOf(outcome)),
          axisLine: { show: false },
          axisTick: { show: false },
          axisLabel: { color: colours.text, fontSize: 12.5 },
        },
        series: [
          {
            type: "bar",
            barWidth: 14,
            itemStyle: { borderRadius: 3 },
            label: {
              show: true,
              position: "right",
              color: colours.dim,
              fontSize: 12,
              formatter: ({ value }: { value: number }) =>
                `${count(value)}  ${percent(value / all, 0)}`,
            },
            data: rows.map(([outcome, n]) => ({
              value: n,
              itemStyle: { color: GOOD.includes(outcome) ? colours.accent : colours.accentSoft },
            })),
          },
        ],
      };
    },
    [rows, nameOf],
  );
  return (
    <Chart
      draw={draw}
      height={Math.max(1, rows.length) * ROW_PX}
      label={rows.map(([outcome, n]) => `${nameOf(outcome)}: ${count(n)}`).join(", ")}
    />
  );
}

function ranked(outcomes: Readonly<Record<string, number>>): [string, number][] {
  return Object.entries(outcomes)
    .filter(([, n]) => n > 0)
    .sort(([, a], [, b]) => b - a);
}
