/** Home: every campaign, live; find one, pause it, pause several, pause everything. */
import { Button, SegmentedControl, Select, TextInput } from "@mantine/core";
import { useHotkeys } from "@mantine/hooks";
import {
  IconPlayerPauseFilled,
  IconPlus,
  IconSearch,
  IconSearchOff,
  IconSpeakerphone,
} from "@tabler/icons-react";
import { useMemo, useRef, useState } from "react";
import { Link } from "wouter";

import type { Campaign, LiveState } from "../../live/state";
import { useLive } from "../../live/store";
import { Empty } from "../../parts/Empty";
import { useLifecycle } from "../../parts/lifecycle/Lifecycle";
import { Page } from "../../parts/Page";
import { Waiting } from "../../parts/Waiting";
import { count } from "../../parts/format";
import words from "../../words/en/campaigns";
import { CampaignTable } from "./CampaignTable";
import classes from "./Campaigns.module.css";
import { type Filter, FILTERS, groupOf, type SortKey } from "./order";
import { ReleaseRequests } from "./ReleaseRequests";
import { SelectionBar } from "./SelectionBar";
import { useOrder } from "./useOrder";
import { useView } from "./useView";

export default function Campaigns() {
  const known = useLive((now) => now.complete || now.campaigns.size > 0);
  const none = useLive((now) => now.campaigns.size === 0);
  const hands = useLifecycle();
  const anyRuns = useLive(runs);
  return (
    <Page
      title={words.title}
      beside={known && !none && <Summary />}
      actions={
        <>
          {known && !none && (
            <Button
              variant="default"
              className={classes.everything}
              leftSection={<IconPlayerPauseFilled size={15} aria-hidden />}
              onClick={() => hands.pause("all")}
              disabled={!anyRuns}
            >
              {words.pauseEverything}
            </Button>
          )}
          <Button
            component={Link}
            href="/campaigns/new"
            leftSection={<IconPlus size={16} aria-hidden />}
          >
            {words.create}
          </Button>
        </>
      }
    >
      <ReleaseRequests />
      {!known ? <Waiting /> : none ? <NoCampaign /> : <Found />}
    </Page>
  );
}

function runs(now: LiveState): boolean {
  for (const campaign of now.campaigns.values()) if (campaign.status === "running") return true;
  return false;
}

function Summary() {
  const text = useLive((now) => {
    const all = [...now.campaigns.values()];
    const calls = all.reduce((n, { in_flight: f }) => n + f.ringing + f.talking, 0);
    const inState = (...states: Campaign["status"][]) =>
      all.filter(({ status }) => states.includes(status)).length;
    return words.summary(inState("running"), inState("paused", "pausing"), calls);
  });
  return <span className="dim num">{text}</span>;
}

function NoCampaign() {
  return (
    <div className="card">
      <Empty
        icon={<IconSpeakerphone size={34} stroke={1.4} />}
        title={words.emptyTitle}
        hint={words.emptyHint}
        action={
          <Button component={Link} href="/lists" variant="default">
            {words.emptyLists}
          </Button>
        }
      />
    </div>
  );
}

function Found() {
  const { view, change, reset } = useView();
  const ids = useOrder(view);
  const [chosen, setChosen] = useState<ReadonlySet<number>>(new Set());
  // What is no longer shown is no longer selected: nothing unseen is paused.
  const selected = useMemo(() => ids.filter((id) => chosen.has(id)), [ids, chosen]);
  const search = useRef<HTMLInputElement>(null);
  useHotkeys([["/", () => search.current?.focus()]]);

  return (
    <>
      <div className={classes.tools}>
        <TextInput
          ref={search}
          className={classes.search}
          aria-label={words.search}
          placeholder={words.search}
          leftSection={<IconSearch size={16} aria-hidden />}
          rightSection={<kbd className={classes.key}>/</kbd>}
          value={view.search}
          onChange={(event) => change({ search: event.currentTarget.value })}
          type="search"
        />
        <Filters value={view.filter} onChange={(filter) => change({ filter })} />
        <Select
          className={classes.sort}
          aria-label={words.sortBy}
          value={view.sort.key}
          onChange={(key) =>
            key && change({ sort: { key: key as SortKey, descending: key !== "name" && key !== "status" } })
          }
          allowDeselect={false}
          data={SORTS.map((key) => ({ value: key, label: words.columns[key] }))}
        />
      </div>
      {ids.length === 0 ? (
        <div className="card">
          <Empty
            icon={<IconSearchOff size={32} stroke={1.5} />}
            title={words.noneTitle}
            hint={words.noneHint}
            action={
              <Button variant="default" onClick={reset}>
                {words.noneReset}
              </Button>
            }
          />
        </div>
      ) : (
        <CampaignTable
          ids={ids}
          sort={view.sort}
          onSort={(sort) => change({ sort })}
          chosen={chosen}
          onChoose={setChosen}
        />
      )}
      <SelectionBar ids={selected} onClear={() => setChosen(new Set())} />
    </>
  );
}

const SORTS: SortKey[] = [
  "status", "name", "progress", "flight", "received", "answered", "duration",
];

function Filters({ value, onChange }: { value: Filter; onChange: (filter: Filter) => void }) {
  const counts = useLive((now) => {
    const n = { all: now.campaigns.size, running: 0, paused: 0, draft: 0, ended: 0 };
    for (const campaign of now.campaigns.values()) n[groupOf(campaign)] += 1;
    return FILTERS.map((filter) => n[filter]).join(" ");
  }).split(" ");
  return (
    <SegmentedControl
      className={classes.filters}
      aria-label={words.filter}
      value={value}
      onChange={(chosen) => onChange(chosen as Filter)}
      data={FILTERS.map((filter, index) => ({
        value: filter,
        label: (
          <span>
            {words.filters[filter]}{" "}
            <span className={classes.count}>{count(Number(counts[index]))}</span>
          </span>
        ),
      }))}
    />
  );
}
