/** How the attempts of a time ended, the most frequent first. */
import { IconChartBar } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useCallback, useMemo } from "react";

import { chart } from "../../api/campaign";
import type { Campaign } from "../../live/state";
import Chart, { type Option } from "../../parts/chart/Chart";
import type { Colours } from "../../parts/chart/colours";
import { Empty } from "../../parts/Empty";
import { count, percent, sum } from "../../parts/format";
import words from "../../words/en/campaign";
import messages from "../../words/en/messages";
import { ranked } from "./figures";

const texts = words.charts;
const ROW_PX = 32;

export default function OutcomesChart({
  campaign,
  span,
}: {
  campaign: Campaign;
  span: number | null;
}) {
  const found = useQuery(chart(campaign.id, span)).data;
  const rows = useMemo(() => ranked(found?.outcomes ?? {}), [found]);
  const total = sum(rows.map(([, n]) => n));
  const said = campaign.channel === "voice" ? texts : messages.charts;

  const draw = useCallback(
    (colours: Colours): Option => ({
      grid: { left: 0, right: 86, top: 0, bottom: 0, containLabel: true },
      xAxis: { type: "value", show: false, max: rows[0]?.[1] ?? 1 },
      yAxis: {
        type: "category",
        inverse: true,
        data: rows.map(([outcome]) => name(outcome, campaign.channel)),
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
              `${count(value)}  ${percent(value / total, 0)}`,
          },
          data: rows.map(([outcome, n]) => ({
            value: n,
            itemStyle: { color: ["answered", "delivered"].includes(outcome) ? colours.accent : colours.accentSoft },
          })),
        },
      ],
    }),
    [rows, total, campaign.channel],
  );

  return (
    <>
      <header>
        <h2>{texts.outcomes}</h2>
        <span className="dim num">{said.outcomesHint(total)}</span>
      </header>
      {rows.length === 0 ? (
        <Empty
          icon={<IconChartBar size={30} stroke={1.5} />}
          title={said.nothing}
          hint={said.nothingHint}
        />
      ) : (
        <Chart
          draw={draw}
          height={rows.length * ROW_PX}
          label={rows.map(([outcome, n]) => `${name(outcome, campaign.channel)}: ${count(n)}`).join(", ")}
        />
      )}
    </>
  );
}

function name(outcome: string, channel: string): string {
  return (channel === "voice" ? words.outcomes : messages.outcomes)[outcome] ?? outcome;
}
