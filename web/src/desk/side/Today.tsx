/** What the agent did today, and what they have promised. */
import { keepPreviousData, useQuery, useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useEffect } from "react";

import { type Presence, today, type Today as Shown } from "../../api/desk";
import { Failure } from "../../parts/Failure";
import { clockWithoutZone, count, duration, whenWithoutZone, zoneId, zoneName } from "../../parts/format";
import { Waiting } from "../../parts/Waiting";
import words from "../../words/en/desk";
import classes from "../Desk.module.css";
import { Card } from "../parts";
import { useDesk } from "../store";

const texts = words.today;
const TIMES: readonly Presence[] = ["available", "preview", "calling", "on_call", "wrap_up", "break"];

export function Today() {
  const desk = useDesk();
  const client = useQueryClient();
  const zone = zoneId();
  const found = useQuery({ ...today(zone), placeholderData: keepPreviousData });
  useEffect(() => {
    void client.invalidateQueries({ queryKey: ["desk", "today"] });
  }, [client, desk.presence]);
  if (found.isPending) return <Waiting />;
  if (!found.data) return <Failure problem={found.error} again={() => void found.refetch()} />;
  return <Day day={found.data} />;
}

function Day({ day }: { day: Shown }) {
  const average = day.conversations > 0 ? day.talk_s / day.conversations : null;
  return (
    <Card title={texts.title}>
      <dl className={classes.figures}>
        <Figure what={texts.conversations} figure={count(day.conversations)} />
        <Figure what={texts.talk} figure={duration(day.talk_s)} />
        <Figure what={texts.average} figure={duration(average)} />
      </dl>
      {day.dispositions.length > 0 && (
        <Part title={texts.dispositions}>
          {day.dispositions.map(({ name, count: n }) => (
            <li key={name}>
              <span>{name}</span>
              <span className="num">{count(n)}</span>
            </li>
          ))}
        </Part>
      )}
      <Part title={texts.time}>
        {TIMES.filter((each) => (day.presences[each] ?? 0) >= 1).map((each) => (
          <li key={each}>
            <span>{words.presence[each]}</span>
            <span className="num">{duration(day.presences[each])}</span>
          </li>
        ))}
      </Part>
      {day.callbacks.length > 0 && (
        <Part title={texts.callbacks(zoneName())}>
          {day.callbacks.map((each) => (
            <li key={`${each.at} ${each.name}`}>
              <span>
                {each.name}
                <small>
                  {each.campaign.name}, {each.for_me ? texts.me : texts.anyone}
                </small>
              </span>
              <span className="num">{whenWithoutZone(each.at)}</span>
            </li>
          ))}
        </Part>
      )}
      <Part title={texts.last(zoneName())}>
        {day.last.map((each) => (
          <li key={`${each.attempt} ${each.began_at}`}>
            <span>
              {each.name}
              <small>
                {each.campaign.name}, {each.disposition ?? texts.noDisposition}
              </small>
            </span>
            <span className="num">{clockWithoutZone(each.began_at)}</span>
          </li>
        ))}
        {day.last.length === 0 && <li className="dim">{texts.none}</li>}
      </Part>
    </Card>
  );
}

function Figure({ what, figure }: { what: string; figure: string }) {
  return (
    <div>
      <dt>{what}</dt>
      <dd className="num">{figure}</dd>
    </div>
  );
}

function Part({ title, children }: { title: string; children: ReactNode }) {
  return (
    <>
      <h3 className={classes.part}>{title}</h3>
      <ul className={classes.rows}>{children}</ul>
    </>
  );
}
