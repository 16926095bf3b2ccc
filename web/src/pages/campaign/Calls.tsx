/** The campaign's calls, and how each ended. */
import { IconPhone } from "@tabler/icons-react";

import type { Column } from "../../parts/DataTable";
import { duration, whenWithoutZone, zoneName } from "../../parts/format";
import words from "../../words/en/campaign";
import common from "../../words/en/common";
import { type Attempt, AttemptList } from "./AttemptList";

const texts = words.calls;

export default function Calls({ id }: { id: number }) {
  return (
    <AttemptList
      id={id}
      label={words.tabs.calls}
      icon={IconPhone}
      outcomes={words.outcomes}
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

function outcomeOf(call: Attempt): string {
  if (call.outcome !== null) return words.outcomes[call.outcome] ?? call.outcome;
  if (call.answered_at !== null) return texts.states.talking;
  return call.ringing_at !== null ? texts.states.ringing : texts.states.starting;
}

function detailOf(call: Attempt): string {
  return [
    call.key_pressed === null ? "" : texts.key(call.key_pressed),
    call.sip_status === null || call.sip_status === 200 ? "" : `SIP ${call.sip_status}`,
    call.detail ?? "",
  ]
    .filter((part) => part !== "")
    .join(", ");
}
