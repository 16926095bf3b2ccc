/** Every change of the lifecycle, with the receipt where there is one. */
import { Anchor } from "@mantine/core";
import { IconHistory } from "@tabler/icons-react";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useState } from "react";

import { historyPages, receipt, type Transition } from "../../api/campaign";
import type { Campaign } from "../../live/state";
import type { Column } from "../../parts/DataTable";
import { Empty } from "../../parts/Empty";
import { Failure } from "../../parts/Failure";
import { whenWithoutZone, zoneName } from "../../parts/format";
import ReceiptDrawer from "../../parts/lifecycle/ReceiptDrawer";
import { Waiting } from "../../parts/Waiting";
import common from "../../words/en/common";
import words from "../../words/en/campaign";
import { PagedTable } from "./PagedTable";

const texts = words.history;

export default function History({ campaign }: { campaign: Campaign }) {
  const [open, setOpen] = useState<number | null>(null);
  const asked = useInfiniteQuery({
    ...historyPages(campaign.id),
    queryKey: [...historyPages(campaign.id).queryKey, campaign.epoch],
    placeholderData: (before) => before,
  });
  const rows = asked.data?.pages.flatMap((page) => page.items);
  if (rows === undefined) {
    if (asked.isPending) return <Waiting />;
    return <Failure problem={asked.error} again={() => void asked.refetch()} />;
  }
  if (rows.length === 0) {
    return (
      <div className="card">
        <Empty
          icon={<IconHistory size={32} stroke={1.5} />}
          title={texts.empty}
          hint={texts.emptyHint}
        />
      </div>
    );
  }
  return (
    <>
      <PagedTable
        label={words.tabs.history}
        columns={columns(setOpen)}
        rows={rows}
        rowKey={(row) => row.epoch}
        pages={asked}
      />
      {open !== null && (
        <OneReceipt campaign={campaign.id} id={open} onClose={() => setOpen(null)} />
      )}
    </>
  );
}

function OneReceipt(props: { campaign: number; id: number; onClose: () => void }) {
  const found = useQuery(receipt(props.campaign, props.id)).data;
  return found ? <ReceiptDrawer receipt={found} onClose={props.onClose} /> : null;
}

function columns(open: (receipt: number) => void): Column<Transition>[] {
  const names = texts.columns;
  return [
    {
      key: "at", head: names.at(zoneName()),
      cell: (row) => <span className="num">{whenWithoutZone(row.at, true)}</span>,
    },
    { key: "what", head: names.what, cell: (row) => row.from_state === row.to_state ? texts.part : texts.what(state(row.from_state), state(row.to_state)) },
    { key: "actor", head: names.actor, cell: (row) => row.actor },
    { key: "reason", head: names.reason, cell: (row) => row.reason ?? common.notYet },
    {
      key: "receipt", head: names.receipt,
      cell: ({ receipt_id: id }) =>
        id === null ? (
          common.notYet
        ) : (
          <Anchor component="button" type="button" size="sm" onClick={() => open(id)}>
            {texts.receipt(id)}
          </Anchor>
        ),
    },
  ];
}

function state(name: string): string {
  return common.status[name as keyof typeof common.status] ?? name;
}
