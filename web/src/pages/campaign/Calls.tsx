/** The campaign's calls, the newest first. */
import { Select, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { IconPhone, IconSearch } from "@tabler/icons-react";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useState } from "react";

import { type CallFilter, callPages } from "../../api/campaign";
import type { Api } from "../../api/client";
import type { Column } from "../../parts/DataTable";
import { Empty } from "../../parts/Empty";
import { Failure } from "../../parts/Failure";
import { duration, whenWithoutZone, zoneName } from "../../parts/format";
import { Waiting } from "../../parts/Waiting";
import common from "../../words/en/common";
import words from "../../words/en/campaign";
import classes from "./Campaign.module.css";
import { PagedTable } from "./PagedTable";

type Call = Api<"CallView">;
const texts = words.calls;
const E164 = /^\+[1-9]\d{6,14}$/;

export default function Calls({ id }: { id: number }) {
  const [outcome, setOutcome] = useState<CallFilter["outcome"]>("all");
  const [typed, setTyped] = useState("");
  const [settled] = useDebouncedValue(typed.replace(/[^\d+]/g, ""), 250);
  const number = E164.test(settled) ? settled : null;
  const asked = useInfiniteQuery(callPages(id, { outcome, number }));
  const rows = asked.data?.pages.flatMap((page) => page.items);
  const filtered = outcome !== "all" || number !== null;
  return (
    <>
      <div className={classes.tools}>
        <Select
          aria-label={texts.outcome}
          value={outcome}
          onChange={(value) => setOutcome((value ?? "all") as CallFilter["outcome"])}
          allowDeselect={false}
          data={[
            { value: "all", label: texts.all },
            { value: "open", label: texts.open },
            ...Object.entries(words.outcomes).map(([value, label]) => ({ value, label })),
          ]}
        />
        <TextInput
          aria-label={texts.number}
          placeholder={texts.number}
          leftSection={<IconSearch size={16} aria-hidden />}
          value={typed}
          onChange={(event) => setTyped(event.currentTarget.value)}
          type="search"
          w={270}
        />
      </div>
      {rows === undefined ? (
        asked.isPending ? <Waiting /> : <Failure problem={asked.error} again={() => void asked.refetch()} />
      ) : rows.length === 0 ? (
        <div className="card">
          <Empty
            icon={<IconPhone size={32} stroke={1.5} />}
            title={texts.empty}
            hint={filtered ? texts.emptyFiltered : texts.emptyHint}
          />
        </div>
      ) : (
        <PagedTable
          label={words.tabs.calls}
          columns={columns()}
          rows={rows}
          rowKey={(call) => call.id}
          pages={asked}
        />
      )}
    </>
  );
}

function columns(): Column<Call>[] {
  const names = texts.columns;
  return [
    {
      key: "started", head: names.started(zoneName()),
      cell: (call) => (
        <span className="num">{whenWithoutZone(call.launched_at ?? call.journalled_at, true)}</span>
      ),
    },
    { key: "number", head: names.number, cell: (call) => <span className="num">{call.number}</span> },
    { key: "outcome", head: names.outcome, cell: outcomeOf },
    { key: "duration", head: names.duration, right: true, cell: (call) => duration(call.duration_s) },
    {
      key: "detail", head: names.detail,
      cell: (call) => <span className="dim">{detailOf(call) || common.notYet}</span>,
    },
    {
      key: "calling", head: names.calling,
      cell: (call) => <span className="num">{call.calling_number}</span>,
    },
    { key: "trunk", head: names.trunk, cell: (call) => call.trunk ?? common.notYet },
  ];
}

function outcomeOf(call: Call): string {
  if (call.outcome !== null) return words.outcomes[call.outcome] ?? call.outcome;
  if (call.answered_at !== null) return texts.states.talking;
  return call.ringing_at !== null ? texts.states.ringing : texts.states.starting;
}

function detailOf(call: Call): string {
  return [
    call.key_pressed === null ? "" : texts.key(call.key_pressed),
    call.sip_status === null || call.sip_status === 200 ? "" : `SIP ${call.sip_status}`,
    call.detail ?? "",
  ]
    .filter((part) => part !== "")
    .join(", ");
}
