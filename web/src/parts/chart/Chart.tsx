/**
 * One chart of Apache ECharts, with only the parts of it that the dashboard uses. Comes in a file of
 * its own, loaded when the first chart is shown.
 */
import { useMantineColorScheme, useComputedColorScheme } from "@mantine/core";
import { BarChart, HeatmapChart } from "echarts/charts";
import {
  AriaComponent,
  GridComponent,
  MarkAreaComponent,
  TooltipComponent,
  VisualMapComponent,
} from "echarts/components";
import * as echarts from "echarts/core";
import { CanvasRenderer } from "echarts/renderers";
import { useEffect, useMemo, useRef } from "react";

import { type Colours, colours } from "./colours";

echarts.use([
  BarChart,
  HeatmapChart,
  AriaComponent,
  GridComponent,
  MarkAreaComponent,
  TooltipComponent,
  VisualMapComponent,
  CanvasRenderer,
]);

export type Option = echarts.EChartsCoreOption;

interface Props {
  /** What to draw, in the colours of the theme. Must change only when the drawing does. */
  draw: (colours: Colours) => Option;
  /** What it shows, for those who do not see it. */
  label: string;
  height: number;
}

export default function Chart({ draw, label, height }: Props) {
  const scheme = useComputedColorScheme("light");
  useMantineColorScheme();
  const place = useRef<HTMLDivElement>(null);
  const chart = useRef<echarts.ECharts | null>(null);
  const option = useMemo(() => ({ draw, scheme }), [draw, scheme]);

  useEffect(() => {
    if (place.current === null) return;
    const made = echarts.init(place.current, undefined, { renderer: "canvas" });
    chart.current = made;
    const watch = new ResizeObserver(() => made.resize());
    watch.observe(place.current);
    return () => {
      watch.disconnect();
      made.dispose();
      chart.current = null;
    };
  }, []);

  useEffect(() => {
    const now = colours();
    chart.current?.setOption(
      {
        textStyle: { fontFamily: now.font },
        animation: false,
        ...option.draw(now),
      },
      { notMerge: true },
    );
  }, [option]);

  return <div ref={place} style={{ height, width: "100%" }} role="img" aria-label={label} />;
}
