/** The campaign's messages, the newest first, and where each stands. */
import { Select, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { IconMessage2, IconSearch } from "@tabler/icons-react";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useState } from "react";

import { type CallFilter, callPages } from "../../api/campaign";
import type { Api } from "../../api/client";
import type { Column } from "../../parts/DataTable";
import { Empty } from "../../parts/Empty";
import { Failure } from "../../parts/Failure";
import { count, whenWithoutZone, zoneName } from "../../parts/format";
import { Waiting } from "../../parts/Waiting";
import words from "../../words/en/campaign";
import common from "../../words/en/common";
import messages from "../../words/en/messages";
import classes from "./Campaign.module.css";
import { PagedTable } from "./PagedTable";

type Message = Api<"CallView">;
const texts = messages.journal;
const E164 = /^\+[1-9]\d{6,14}$/;

export default function Messages({ id }: { id: number }) {
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
          aria-label={words.calls.outcome}
          value={outcome}
          onChange={(value) => setOutcome((value ?? "all") as CallFilter["outcome"])}
          allowDeselect={false}
          data={[
            { value: "all", label: words.calls.all },
            { value: "open", label: words.calls.open },
            ...Object.entries(messages.outcomes).map(([value, label]) => ({ value, label })),
          ]}
        />
        <TextInput
          aria-label={words.calls.number}
          placeholder={words.calls.number}
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
            icon={<IconMessage2 size={32} stroke={1.5} />}
            title={texts.empty}
            hint={filtered ? texts.emptyFiltered : texts.emptyHint}
          />
        </div>
      ) : (
        <PagedTable
          label={messages.tabs}
          columns={columns()}
          rows={rows}
          rowKey={(message) => message.id}
          pages={asked}
        />
      )}
    </>
  );
}

function columns(): Column<Message>[] {
  const names = texts.columns;
  return [
    {
      key: "started", head: names.started(zoneName()),
      cell: (one) => (
        <span className="num">{one.launched_at ? whenWithoutZone(one.launched_at, true) : common.notYet}</span>
      ),
    },
    { key: "number", head: names.number, cell: (one) => <span className="num">{one.address ?? one.number}</span> },
    { key: "status", head: names.status, cell: statusOf },
    {
      key: "text", head: names.text,
      cell: (one) => (
        <span style={{ display: "block", maxWidth: 380, whiteSpace: "pre-wrap" }}>{one.text}</span>
      ),
    },
    { key: "segments", head: names.segments, right: true, cell: (one) => count(one.segments ?? 1) },
    {
      key: "detail", head: names.detail,
      cell: (one) => (
        <span className="dim">{[one.detail, one.code].filter(Boolean).join(" · ") || common.notYet}</span>
      ),
    },
    { key: "sender", head: names.sender, cell: (one) => <span className="num">{one.calling_number}</span> },
    { key: "provider", head: names.provider, cell: (one) => one.provider ?? common.notYet },
  ];
}

function statusOf(one: Message): string {
  if (one.message === "failed" && one.outcome !== null) {
    return messages.outcomes[one.outcome] ?? one.outcome;
  }
  return texts.status[one.message ?? "held"] ?? "";
}
