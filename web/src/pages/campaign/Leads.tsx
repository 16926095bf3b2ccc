/** The campaign's leads: who is due, who waits, what came of the others. */
import { SegmentedControl } from "@mantine/core";
import { IconUsers } from "@tabler/icons-react";
import { useInfiniteQuery } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";

import { leadPages } from "../../api/campaign";
import type { Api } from "../../api/client";
import type { Column } from "../../parts/DataTable";
import { Empty } from "../../parts/Empty";
import { Failure } from "../../parts/Failure";
import { count, whenWithoutZone, zoneName } from "../../parts/format";
import { Waiting } from "../../parts/Waiting";
import common from "../../words/en/common";
import words from "../../words/en/campaign";
import messages from "../../words/en/messages";
import classes from "./Campaign.module.css";
import { PagedTable } from "./PagedTable";

type Lead = Api<"LeadView">;
const texts = words.leads;
const STATES = ["due", "waiting", "in_progress", "held", "done", "excluded"] as const;
type State = (typeof STATES)[number];

export default function Leads({ id, channel }: { id: number; channel: string }) {
  const [state, setState] = useState<State | "all">("all");
  const asked = useInfiniteQuery(leadPages(id, state === "all" ? null : state));
  const rows = asked.data?.pages.flatMap((page) => page.items);
  return (
    <>
      <div className={`${classes.tools} ${classes.scroll}`}>
        <SegmentedControl
          aria-label={texts.state}
          value={state}
          onChange={(value) => setState(value as State | "all")}
          data={[
            { value: "all", label: texts.all },
            ...STATES.map((each) => ({ value: each, label: texts.states[each] ?? each })),
          ]}
        />
      </div>
      {rows === undefined ? (
        asked.isPending ? <Waiting /> : <Failure problem={asked.error} again={() => void asked.refetch()} />
      ) : rows.length === 0 ? (
        <div className="card">
          <Empty
            icon={<IconUsers size={32} stroke={1.5} />}
            title={texts.empty}
            hint={state === "all" ? texts.emptyHint : texts.emptyFiltered}
          />
        </div>
      ) : (
        <PagedTable
          label={words.tabs.leads}
          columns={columns(channel)}
          rows={rows}
          rowKey={(lead) => lead.id}
          pages={asked}
        />
      )}
    </>
  );
}

function columns(channel: string): Column<Lead>[] {
  const voice = channel === "voice";
  const names = texts.columns;
  return [
    {
      key: "number", head: names.number,
      cell: (lead) => <span className="num">{lead.next_phone ?? lead.phones[0]}</span>,
    },
    { key: "state", head: names.state, cell: (lead) => texts.states[lead.state] ?? lead.state },
    {
      key: "due", head: names.due(zoneName()),
      cell: (lead) => (lead.due_at === null ? common.notYet : whenWithoutZone(lead.due_at)),
    },
    { key: "attempts", head: names.attempts, right: true, cell: (lead) => count(lead.attempts) },
    {
      key: "result", head: names.result,
      cell: (lead) =>
        lead.result === null
          ? common.notYet
          : ((voice ? words.outcomes : messages.outcomes)[lead.result] ??
            lead.result.replaceAll("_", " ")),
    },
    ...(channel !== "sms" ? [] : [{ key: "replies", head: messages.leads.replies, cell: repliesOf }]),
    { key: "zone", head: names.zone, cell: (lead) => lead.zone.replaceAll("|", ", ") },
    {
      key: "list", head: names.list,
      cell: (lead) => (
        <span className="dim">
          {lead.list}, {count(lead.list_line)}
        </span>
      ),
    },
  ];
}

function repliesOf({ replies }: Lead): ReactNode {
  if (!replies?.length) return common.notYet;
  return replies.map((reply) => (
    <span key={reply.at} style={{ display: "block" }}>
      “{reply.text}” <span className="dim">{whenWithoutZone(reply.at)}</span>
    </span>
  ));
}
