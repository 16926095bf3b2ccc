/** When people answer: the answer rate by weekday and hour. */
import { IconGridDots } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useCallback } from "react";

import { heatMap } from "../../api/campaign";
import type { Api } from "../../api/client";
import type { Campaign } from "../../live/state";
import Chart, { type Option } from "../../parts/chart/Chart";
import type { Colours } from "../../parts/chart/colours";
import { Empty } from "../../parts/Empty";
import { percent, zoneId } from "../../parts/format";
import words from "../../words/en/campaign";

const texts = words.charts;
const DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;
const HOURS = Array.from({ length: 24 }, (_, hour) => hour);

export default function HeatMap({ campaign }: { campaign: Campaign }) {
  const found = useQuery(heatMap(campaign.id, zoneId())).data;
  const draw = useCallback(
    (colours: Colours): Option => {
      const hours = found?.hours ?? [];
      return {
        grid: { left: 0, right: 4, top: 4, bottom: 44, containLabel: true },
        tooltip: {
          backgroundColor: colours.surface,
          borderColor: colours.line,
          textStyle: { color: colours.text, fontSize: 12.5 },
          formatter: ({ value }: { value: [number, number, number, number, number] }) => {
            const [hour, weekday, rate, answered, received] = value;
            const from = `${String(hour).padStart(2, "0")}:00–${String(hour + 1).padStart(2, "0")}:00`;
            const cell =
              received === 0 ? texts.nothing : texts.heatCell(percent(rate), answered, received);
            return `${texts.days[weekday]} ${from}<br>${cell}`;
          },
        },
        xAxis: axis(colours, HOURS.map((hour) => String(hour).padStart(2, "0"))),
        yAxis: { ...axis(colours, [...texts.days]), inverse: true },
        visualMap: {
          min: 0,
          max: Math.max(0.05, ...hours.map((each) => each.answer_rate ?? 0)),
          dimension: 2,
          orient: "horizontal",
          left: "center",
          bottom: 0,
          itemWidth: 10,
          itemHeight: 140,
          inRange: { color: colours.heat },
          text: [texts.many, texts.few],
          textStyle: { color: colours.dim, fontSize: 11.5 },
          formatter: (rate: number) => percent(rate, 0),
        },
        series: [
          {
            type: "heatmap",
            data: cells(hours, colours.empty),
            itemStyle: { borderColor: colours.surface, borderWidth: 2, borderRadius: 4 },
          },
        ],
      };
    },
    [found],
  );
  const best = [...(found?.hours ?? [])].sort((a, b) => (b.answer_rate ?? 0) - (a.answer_rate ?? 0));
  return (
    <>
      <header>
        <h2>{texts.heat}</h2>
        {found && <span className="dim">{texts.heatHint(found.zone)}</span>}
      </header>
      {found && found.hours.length > 0 ? (
        <Chart
          draw={draw}
          height={262}
          label={best
            .slice(0, 5)
            .map((each) => `${each.weekday} ${each.hour}:00 ${percent(each.answer_rate)}`)
            .join(", ")}
        />
      ) : (
        <Empty
          icon={<IconGridDots size={30} stroke={1.5} />}
          title={texts.nothing}
          hint={texts.nothingHint}
        />
      )}
    </>
  );
}

type Hour = Api<"HourView">;

/** Hour, weekday, rate, answered, received; hours without a call have a colour of their own. */
function cells(hours: readonly Hour[], empty: string): unknown[] {
  const known = new Map(hours.map((each) => [`${each.weekday} ${each.hour}`, each]));
  return DAYS.flatMap((day, weekday) =>
    HOURS.map((hour) => {
      const each = known.get(`${day} ${hour}`);
      return each === undefined
        ? { value: [hour, weekday, 0, 0, 0], visualMap: false, itemStyle: { color: empty } }
        : [hour, weekday, each.answer_rate ?? 0, each.answered, each.received];
    }),
  );
}

function axis(colours: Colours, data: string[]): Option {
  return {
    type: "category",
    data,
    axisLine: { show: false },
    axisTick: { show: false },
    axisLabel: { color: colours.dim, fontSize: 11.5, interval: "auto" },
    splitArea: { show: true, areaStyle: { color: ["transparent"] } },
  };
}
