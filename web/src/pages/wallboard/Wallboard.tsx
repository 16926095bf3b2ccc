/** For the big screen: what runs and what is paused, live, readable from across the room. */
import { ActionIcon } from "@mantine/core";
import { IconMoon, IconPhoneOff, IconSun, IconWifiOff } from "@tabler/icons-react";
import { useEffect, useLayoutEffect, useMemo, useState } from "react";
import { Link } from "wouter";

import { Mark } from "../../layout/Mark";
import type { Campaign } from "../../live/state";
import { useConnection, useLive } from "../../live/store";
import { Empty } from "../../parts/Empty";
import { clock, count, day, duration, zoneId } from "../../parts/format";
import { usePageTitle } from "../../parts/Page";
import { StatusBadge } from "../../parts/StatusBadge";
import { Waiting } from "../../parts/Waiting";
import words from "../../words/en/wallboard";
import { Pager } from "./Pager";
import { PromiseTile } from "./PromiseTile";
import { usePages } from "./usePages";
import { onTheWall, totals } from "./wall";
import classes from "./Wallboard.module.css";

export default function Wallboard() {
  usePageTitle(words.title);
  const known = useLive((now) => now.complete);
  const campaigns = useLive((now) => now.campaigns);
  const stale = useStale();
  const rows = useMemo(() => onTheWall(campaigns.values()), [campaigns]);
  const pages = usePages(rows);
  return (
    <div className={classes.wall} data-stale={stale || undefined}>
      <Head />
      <Stale shown={stale} />
      <main className={classes.main}>
        {!known ? (
          <Waiting />
        ) : (
          <>
            <Tiles campaigns={campaigns} />
            {rows.length === 0 ? <Nothing /> : <Table rows={pages.rows} />}
          </>
        )}
      </main>
      {pages.pages > 1 && <Pager pages={pages} />}
    </div>
  );
}

function Head() {
  const { theme, turn } = useTheme();
  return (
    <header className={classes.head}>
      <Link href="/campaigns" className={classes.brand} aria-label={words.back}>
        <Mark size={34} />
      </Link>
      <h1 className={classes.title}>{words.title}</h1>
      <Clock />
      <ActionIcon
        variant="subtle"
        color="gray"
        size={40}
        onClick={turn}
        aria-label={theme === "dark" ? words.toLight : words.toDark}
      >
        {theme === "dark" ? <IconSun size={22} aria-hidden /> : <IconMoon size={22} aria-hidden />}
      </ActionIcon>
    </header>
  );
}

function Clock() {
  const [now, setNow] = useState(() => new Date());
  useEffect(() => {
    const timer = setInterval(() => setNow(new Date()), 1000);
    return () => clearInterval(timer);
  }, []);
  return (
    <time className={classes.clock} dateTime={now.toISOString()} title={zoneId()}>
      <span className="dim">{day(now)}</span>
      <span className="num">{clock(now)}</span>
    </time>
  );
}

const SAY_AFTER_MS = 1500; // a blink of the network is not worth an alarm

/** Whether what is shown is not live any more. */
function useStale(): boolean {
  const connection = useConnection();
  const known = useLive((now) => now.complete);
  const old = known && connection !== "live";
  const [shown, setShown] = useState(false);
  useEffect(() => {
    setShown(false);
    if (!old) return;
    const timer = setTimeout(() => setShown(true), SAY_AFTER_MS);
    return () => clearTimeout(timer);
  }, [old]);
  return shown;
}

function Stale({ shown }: { shown: boolean }) {
  const lostAt = useLive((now) => now.lostAt);
  return (
    <div role="alert">
      {shown && (
        <p className={classes.stale}>
          <IconWifiOff size={30} aria-hidden />
          <strong>{lostAt === null ? words.connecting : words.stale(clock(lostAt))}</strong>
          <span>{words.staleHint}</span>
        </p>
      )}
    </div>
  );
}

function Tiles({ campaigns }: { campaigns: ReadonlyMap<number, Campaign> }) {
  const sum = totals(campaigns.values());
  return (
    <section className={classes.tiles}>
      <Tile label={words.tiles.running} value={count(sum.running)} tone="running" />
      <Tile label={words.tiles.paused} value={count(sum.paused)} tone="paused" />
      <Tile
        label={words.tiles.inProgress}
        value={count(sum.ringing + sum.talking)}
        hint={words.split(count(sum.ringing), count(sum.talking))}
      />
      <PromiseTile />
    </section>
  );
}

function Tile(props: { label: string; value: string; hint?: string; tone?: "running" | "paused" }) {
  return (
    <div className={classes.tile} data-tone={props.tone}>
      <h2>{props.label}</h2>
      <p className={`${classes.value} num`}>{props.value}</p>
      {props.hint && <p className={`${classes.hint} num`}>{props.hint}</p>}
    </div>
  );
}

function Nothing() {
  return (
    <div className={classes.nothing}>
      <Empty
        icon={<IconPhoneOff size={48} stroke={1.3} />}
        title={words.emptyTitle}
        hint={words.emptyHint}
      />
    </div>
  );
}

function Table({ rows }: { rows: readonly Campaign[] }) {
  return (
    <table className={classes.table} aria-label={words.table}>
      <thead>
        <tr>
          <th scope="col">{words.columns.name}</th>
          <th scope="col">{words.columns.status}</th>
          <th scope="col">{words.columns.inProgress}</th>
          <th scope="col">{words.columns.received}</th>
          <th scope="col">{words.columns.answered}</th>
          <th scope="col">{words.columns.duration}</th>
        </tr>
      </thead>
      <tbody>
        {rows.map((campaign) => (
          <Row key={campaign.id} campaign={campaign} />
        ))}
      </tbody>
    </table>
  );
}

function Row({ campaign }: { campaign: Campaign }) {
  const { in_flight: flight } = campaign;
  return (
    <tr data-status={campaign.status}>
      <th scope="row" title={campaign.name}>
        {campaign.name}
      </th>
      <td>
        <StatusBadge status={campaign.status} large />
      </td>
      <td className="num" data-label={words.columns.inProgress}>
        {count(flight.ringing + flight.talking)}
      </td>
      <td className="num" data-label={words.columns.received}>
        {count(campaign.received)}
      </td>
      <td className="num" data-label={words.columns.answered}>
        {count(campaign.answered)}
      </td>
      <td className="num" data-label={words.columns.duration}>
        {duration(campaign.average_duration_s)}
      </td>
    </tr>
  );
}

const KEPT_AS = "caesura.wallboard.theme";

/** Dark, unless this screen chose otherwise; the other pages keep their own theme. */
function useTheme(): { theme: "dark" | "light"; turn: () => void } {
  const [theme, setTheme] = useState<"dark" | "light">(() =>
    localStorage.getItem(KEPT_AS) === "light" ? "light" : "dark",
  );
  useLayoutEffect(() => {
    const root = document.documentElement;
    const before = root.getAttribute("data-mantine-color-scheme");
    root.setAttribute("data-mantine-color-scheme", theme);
    return () => root.setAttribute("data-mantine-color-scheme", before ?? "light");
  }, [theme]);
  const turn = () => {
    const next = theme === "dark" ? "light" : "dark";
    localStorage.setItem(KEPT_AS, next);
    setTheme(next);
  };
  return { theme, turn };
}
