import { Anchor } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { IconServerOff } from "@tabler/icons-react";
import { Link } from "wouter";

import { type Cell, cells } from "../../api/people";
import { duration, secondsBetween, when } from "../../parts/format";
import { TableSection } from "../../parts/TableSection";
import words from "../../words/en/settings";

const texts = words.machines;
const SHOWN_MAX = 5;

export default function Machines() {
  const found = useQuery(cells);
  return (
    <TableSection
      texts={{ ...texts, title: words.tabs.machines }}
      icon={IconServerOff}
      found={found}
      rows={found.data?.items ?? []}
      rowKey={(row) => row.id}
      columns={[
        { key: "node", head: texts.node, cell: (row) => <strong>{row.node}</strong> },
        {
          key: "cell",
          head: texts.cell,
          cell: (row) => (
            <span className="mono dim" title={row.id}>
              {row.id.slice(0, 8)}
            </span>
          ),
        },
        { key: "since", head: texts.since, cell: (row) => when(row.started_at) },
        {
          key: "seen",
          head: texts.seen,
          cell: (row) => (
            <span className="num">
              {texts.ago(duration(secondsBetween(row.seen_at, new Date(found.dataUpdatedAt))))}
            </span>
          ),
        },
        { key: "campaigns", head: texts.campaigns, cell: (row) => <Leases cell={row} /> },
      ]}
    />
  );
}

function Leases({ cell }: { cell: Cell }) {
  const names = cell.leases.filter((each) => !each.revoked).map((each) => each.campaign);
  if (names.length === 0) return <span className="dim">{texts.nothing}</span>;
  return (
    <>
      {names.slice(0, SHOWN_MAX).map((name, at) => (
        <span key={name}>
          {at > 0 && ", "}
          <Anchor component={Link} href={`/campaigns/${encodeURIComponent(name)}`} fz="inherit">
            {name}
          </Anchor>
        </span>
      ))}
      {names.length > SHOWN_MAX && ` ${texts.more(names.length - SHOWN_MAX)}`}
    </>
  );
}
