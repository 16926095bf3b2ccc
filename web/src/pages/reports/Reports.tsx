/** What campaigns did in a time: figures, calls over time, outcomes, a row for each, and CSV. */
import { Anchor, Button, SegmentedControl, Select, TextInput } from "@mantine/core";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { IconChartHistogram, IconDownload } from "@tabler/icons-react";
import { lazy, Suspense, useState } from "react";
import { Link } from "wouter";

import { type CampaignReport, csvOf, reportOf, type Span } from "../../api/reports";
import { DataTable } from "../../parts/DataTable";
import { Empty } from "../../parts/Empty";
import { Failure } from "../../parts/Failure";
import { count, duration, moment, percent, zoneId } from "../../parts/format";
import { Page } from "../../parts/Page";
import { Section } from "../../parts/Section";
import { StatusBadge } from "../../parts/StatusBadge";
import { Waiting } from "../../parts/Waiting";
import words from "../../words/en/reports";
import { total } from "./figures";
import { ownSpan, type Period, shifted, spanOf } from "./period";
import classes from "./Reports.module.css";
import { useMinute } from "./useMinute";

const Charts = lazy(() => import("./Charts"));

const PERIODS = (Object.keys(words.periods) as Period[]).map((value) => ({
  value,
  label: words.periods[value],
}));

export default function Reports() {
  const [period, setPeriod] = useState<Period>("today");
  const [campaign, setCampaign] = useState<string | null>(null);
  const zone = zoneId();
  const now = useMinute();
  const today = new Intl.DateTimeFormat("en-CA", { timeZone: zone }).format(now);
  const [first, setFirst] = useState(() => shifted(today, -6));
  const [last, setLast] = useState(today);
  const own = period === "own" ? ownSpan(first, last, zone) : null;
  const span = period === "own" ? own : spanOf(period, now, zone);
  return (
    <Page
      title={words.title}
      beside={
        span && (
          <span className="dim num">{words.range(moment(span.from), moment(span.to))}</span>
        )
      }
      actions={
        span && (
          <Button
            component="a"
            href={csvOf(span)}
            download
            variant="default"
            leftSection={<IconDownload size={16} aria-hidden />}
          >
            {words.export}
          </Button>
        )
      }
    >
      <div className={classes.filters}>
        <SegmentedControl
          aria-label={words.period}
          data={PERIODS}
          value={period}
          onChange={setPeriod}
        />
        {period === "own" && (
          <div className={classes.dates}>
            <TextInput
              type="date"
              aria-label={words.from}
              value={first}
              max={last}
              onChange={(event) => setFirst(event.currentTarget.value)}
            />
            <TextInput
              type="date"
              aria-label={words.to}
              value={last}
              min={first}
              max={today}
              onChange={(event) => setLast(event.currentTarget.value)}
            />
          </div>
        )}
        {span && <CampaignChoice span={span} value={campaign} onChange={setCampaign} />}
      </div>
      {span && <Report span={span} campaign={campaign} />}
    </Page>
  );
}

interface ChoiceProps {
  span: Span;
  value: string | null;
  onChange: (campaign: string | null) => void;
}

/** One of those that did something in the time. */
function CampaignChoice({ span, value, onChange }: ChoiceProps) {
  const items = useQuery({ ...reportOf(span), placeholderData: keepPreviousData }).data ?? [];
  return (
    <Select
      aria-label={words.campaign}
      placeholder={words.all}
      data={items.map((item) => ({ value: String(item.id), label: item.name }))}
      value={value}
      onChange={onChange}
      searchable
      clearable
      w={260}
    />
  );
}

function Report({ span, campaign }: { span: Span; campaign: string | null }) {
  const found = useQuery({ ...reportOf(span), placeholderData: keepPreviousData });
  if (found.isPending) return <Waiting />;
  if (!found.data) return <Failure problem={found.error} again={() => void found.refetch()} />;
  const items = found.data.filter((item) => campaign === null || String(item.id) === campaign);
  if (items.length === 0) {
    return (
      <div className="card">
        <Empty
          icon={<IconChartHistogram size={32} stroke={1.5} />}
          title={words.emptyTitle}
          hint={words.emptyHint}
          action={
            <Button component={Link} href="/campaigns" variant="default">
              {words.emptyAction}
            </Button>
          }
        />
      </div>
    );
  }
  return (
    <>
      <Tiles items={items} />
      <Suspense fallback={<Waiting />}>
        <Charts span={span} items={items} />
      </Suspense>
      <Section title={words.table}>
        <Rows items={items} />
      </Section>
    </>
  );
}

function Tiles({ items }: { items: CampaignReport[] }) {
  const sum = total(items);
  const texts = words.tiles;
  const tiles = [
    [texts.received, count(sum.received), texts.receivedHint],
    [texts.answered, count(sum.answered), texts.answeredHint],
    [texts.duration, duration(sum.average_duration_s), texts.durationHint],
    [texts.rate, percent(sum.answer_rate), texts.rateHint],
    [texts.abandonment, percent(sum.abandonment_rate), texts.abandonmentHint],
  ] as const;
  return (
    <div className={classes.tiles}>
      {tiles.map(([name, figure, hint]) => (
        <div key={name} className={`card ${classes.tile}`}>
          <span className={classes.name}>{name}</span>
          <span className={classes.figure}>{figure}</span>
          <span className={classes.hint}>{hint}</span>
        </div>
      ))}
    </div>
  );
}

function Rows({ items }: { items: CampaignReport[] }) {
  const texts = words.columns;
  return (
    <DataTable
      label={words.table}
      rows={items}
      rowKey={(row) => row.id}
      columns={[
        {
          key: "name",
          head: texts.name,
          cell: (row) => (
            <>
              <Anchor component={Link} href={`/campaigns/${row.id}`} fw={600} fz="inherit" mr={8}>
                {row.name}
              </Anchor>
              <StatusBadge status={row.status} />
            </>
          ),
        },
        { key: "launched", head: texts.launched, right: true, cell: (row) => count(row.launched) },
        { key: "received", head: texts.received, right: true, cell: (row) => count(row.received) },
        { key: "answered", head: texts.answered, right: true, cell: (row) => count(row.answered) },
        { key: "rate", head: texts.rate, right: true, cell: (row) => percent(row.answer_rate) },
        {
          key: "duration",
          head: texts.duration,
          right: true,
          cell: (row) => duration(row.average_duration_s),
        },
        {
          key: "abandonment",
          head: texts.abandonment,
          right: true,
          cell: (row) => percent(row.abandonment_rate),
        },
        {
          key: "failed",
          head: texts.failed,
          right: true,
          cell: (row) => percent(row.failure_rate),
        },
      ]}
    />
  );
}
