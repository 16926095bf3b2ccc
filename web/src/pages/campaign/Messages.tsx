/** The campaign's messages, and where each stands. */
import { IconMessage2 } from "@tabler/icons-react";

import type { Column } from "../../parts/DataTable";
import { count, whenWithoutZone, zoneName } from "../../parts/format";
import common from "../../words/en/common";
import messages from "../../words/en/messages";
import { type Attempt, AttemptList } from "./AttemptList";

const texts = messages.journal;

export default function Messages({ id }: { id: number }) {
  return (
    <AttemptList
      id={id}
      label={messages.tabs}
      icon={IconMessage2}
      outcomes={messages.outcomes}
      texts={texts}
      columns={columns()}
    />
  );
}

function columns(): Column<Attempt>[] {
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

function statusOf(one: Attempt): string {
  if (one.message === "failed" && one.outcome !== null) {
    return messages.outcomes[one.outcome] ?? one.outcome;
  }
  return texts.status[one.message ?? "held"] ?? "";
}
