/** The last step: what the campaign would do if it was started now, and what it still lacks. */
import { Alert, Anchor, Button } from "@mantine/core";
import { keepPreviousData, useMutation, useQuery } from "@tanstack/react-query";
import { IconAlertCircle, IconAlertTriangle, IconPlayerPlayFilled } from "@tabler/icons-react";
import { useState } from "react";
import { useLocation } from "wouter";

import { createCampaign, type Plan, planOf } from "../../api/plan";
import { asProblem } from "../../api/problem";
import type { Campaign } from "../../live/state";
import { answered } from "../../live/store";
import { DataTable } from "../../parts/DataTable";
import { Failure } from "../../parts/Failure";
import { clockIn, count, duration, latency, moment, when, zoneName } from "../../parts/format";
import { useLifecycle } from "../../parts/lifecycle/Lifecycle";
import { Section } from "../../parts/Section";
import { Waiting } from "../../parts/Waiting";
import messages from "../../words/en/messages";
import words from "../../words/en/wizard";
import { type Draft, nameProblem, type Step, stepOf, titleOf } from "./draft";
import classes from "./NewCampaign.module.css";

const texts = words.check;

/** The words of calls, or those of messages where there are others. */
function textsOf(channel: string) {
  return channel === "voice" ? texts : { ...texts, ...messages.check };
}

interface Props {
  draft: Draft;
  taken: readonly string[];
  go: (step: Step) => void;
  onMade: () => void;
}

export function Check({ draft, taken, go, onMade }: Props) {
  const [, leave] = useLocation();
  const hands = useLifecycle();
  // One key per visit: a click that is sent twice makes one campaign.
  const [key, setKey] = useState(() => crypto.randomUUID());
  const found = useQuery({
    ...planOf(draft.lists, draft.settings),
    staleTime: 0,
    refetchInterval: 15_000,
    placeholderData: keepPreviousData,
  });
  const make = useMutation({
    mutationFn: async (_start: boolean) =>
      (await createCampaign(key, {
        name: draft.name.trim(),
        lists: [...draft.lists],
        settings: draft.settings,
      })) as Campaign,
    onSuccess: (campaign, start) => {
      answered(campaign);
      if (start) hands.start(campaign);
      onMade();
      leave(`/campaigns/${campaign.id}`);
    },
    onError: () => setKey(crypto.randomUUID()),
  });
  if (found.isPending) return <Waiting />;
  if (!found.data) return <Failure problem={found.error} again={() => void found.refetch()} />;
  const plan = found.data;
  const said = textsOf(draft.settings.channel);
  const named = nameProblem(draft.name, taken) === null;
  return (
    <div className={classes.plan}>
      <Section title={`${texts.title}: ${draft.name.trim() || "…"}`} lead={said.lead} bare>
        <div className="card">
          <Tiles plan={plan} />
          <p className={classes.note}>{said.noRetries}</p>
        </div>
      </Section>
      {(plan.missing.length > 0 || !named) && <Missing draft={draft} plan={plan} named={named} go={go} />}
      {plan.openings.length > 0 && (
        <Section title={texts.openings} lead={said.openingsLead}>
          <Openings plan={plan} />
        </Section>
      )}
      {make.error && (
        <Alert
          color="red"
          role="alert"
          icon={<IconAlertCircle size={18} />}
          title={texts.notMade}
        >
          {asProblem(make.error).message}
        </Alert>
      )}
      <footer className={classes.foot} style={{ marginTop: 0, flexWrap: "wrap" }}>
        <Button variant="default" onClick={() => go("pace")}>
          {words.back}
        </Button>
        <span style={{ display: "flex", gap: 8 }}>
          <Button
            variant="default"
            disabled={!named || make.isPending}
            onClick={() => make.mutate(false)}
          >
            {texts.create}
          </Button>
          <Button
            disabled={!named || plan.missing.length > 0}
            loading={make.isPending}
            onClick={() => make.mutate(true)}
            leftSection={<IconPlayerPlayFilled size={15} aria-hidden />}
          >
            {texts.createAndStart}
          </Button>
        </span>
      </footer>
    </div>
  );
}

function Tiles({ plan }: { plan: Plan }) {
  const said = textsOf(plan.settings.channel);
  const excluded = Object.entries(plan.excluded).filter(([, n]) => n > 0);
  const left = excluded.reduce((sum, [, n]) => sum + n, 0);
  const first = plan.openings[0]?.opens_at ?? null;
  return (
    <div className={classes.tiles}>
      <Tile
        figure={count(plan.due_now)}
        what={texts.due}
        hint={plan.due_now > 0 ? said.dueHint(when(plan.at)) : texts.nobody}
      />
      <Tile
        figure={count(plan.waiting_for_hours)}
        what={texts.waiting}
        hint={
          plan.waiting_for_hours > 0
            ? texts.waitingHint(first === null ? null : when(first))
            : texts.nobody
        }
      />
      <Tile
        figure={count(left)}
        what={texts.excluded}
        hint={
          excluded.length > 0
            ? excluded
                .map(([why, n]) => `${count(n)} ${texts.excludedHint[why] ?? why}`)
                .join(", ")
            : texts.nobody
        }
      />
      <Tile
        figure={count(plan.calls_per_minute)}
        what={said.perMinute}
        hint={said.perMinuteHint(
          plan.limited_by,
          plan.settings.channel === "voice" ? duration(plan.call_s) : latency(plan.call_s * 1000),
          plan.call_s_is === "measured",
        )}
      />
      <Tile
        figure={duration(plan.first_round_s)}
        what={said.finish}
        hint={
          plan.first_round_done_at
            ? texts.finishAt(moment(plan.first_round_done_at))
            : plan.first_round_s === null
              ? texts.nobody
              : texts.never
        }
      />
    </div>
  );
}

function Tile({ figure, what, hint }: { figure: string; what: string; hint: string }) {
  return (
    <div className={classes.tile}>
      <span className={classes.figure}>{figure}</span>
      <span className={classes.what}>{what}</span>
      <span className={classes.hint}>{hint}</span>
    </div>
  );
}

interface MissingProps {
  draft: Draft;
  plan: Plan;
  named: boolean;
  go: (step: Step) => void;
}

function Missing({ draft, plan, named, go }: MissingProps) {
  const rows = [
    ...(named ? [] : [{ field: "name", message: words.name.title }]),
    ...plan.missing,
  ];
  return (
    <Alert
      color="amber"
      variant="light"
      icon={<IconAlertTriangle size={18} />}
      title={texts.missing}
      role="status"
    >
      {texts.missingLead}
      <ul className={classes.missing}>
        {rows.map(({ field, message }) => {
          const step = stepOf(field);
          return (
            <li key={`${field} ${message}`}>
              <span>{message}</span>
              <Anchor component="button" type="button" fz="inherit" onClick={() => go(step)}>
                {texts.goTo(words.steps[titleOf(step, draft)])}
              </Anchor>
            </li>
          );
        })}
      </ul>
    </Alert>
  );
}

function Openings({ plan }: { plan: Plan }) {
  return (
    <DataTable
      label={texts.openings}
      rows={plan.openings}
      rowKey={(row) => `${row.zone} ${row.opens_at ?? ""}`}
      columns={[
        {
          key: "zone",
          head: texts.zone,
          cell: (row) => row.zone.replaceAll("|", " or ").replaceAll("_", " "),
        },
        { key: "leads", head: texts.leads, right: true, cell: (row) => count(row.leads) },
        {
          key: "theirs",
          head: texts.theirs,
          cell: (row) => {
            const zone = row.zone.split("|")[0];
            return row.opens_at === null || !zone
              ? texts.never400
              : clockIn(row.opens_at, zone);
          },
        },
        {
          key: "yours",
          head: texts.yours(zoneName()),
          cell: (row) => (row.opens_at === null ? texts.never400 : when(row.opens_at)),
        },
      ]}
    />
  );
}
