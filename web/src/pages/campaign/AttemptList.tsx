/** The campaign's calls or messages, the newest first, found by how they ended and by number. */
import { Select, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { IconSearch } from "@tabler/icons-react";
import { useInfiniteQuery } from "@tanstack/react-query";
import { type ComponentType, useState } from "react";

import { type CallFilter, callPages } from "../../api/campaign";
import type { Api } from "../../api/client";
import type { Column } from "../../parts/DataTable";
import { Empty } from "../../parts/Empty";
import { Failure } from "../../parts/Failure";
import { Waiting } from "../../parts/Waiting";
import words from "../../words/en/campaign";
import classes from "./Campaign.module.css";
import { PagedTable } from "./PagedTable";

export type Attempt = Api<"CallView">;

interface Props {
  /** The campaign's. */
  id: number;
  /** What the table shows, for those who do not see it. */
  label: string;
  icon: ComponentType<{ size?: number; stroke?: number }>;
  outcomes: Readonly<Record<string, string>>;
  /** Where there is nothing. */
  texts: { empty: string; emptyHint: string; emptyFiltered: string };
  columns: Column<Attempt>[];
}

const filters = words.calls;
const E164 = /^\+[1-9]\d{6,14}$/;

export function AttemptList({ id, label, icon: Icon, outcomes, texts, columns }: Props) {
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
          aria-label={filters.outcome}
          value={outcome}
          onChange={(value) => setOutcome((value ?? "all") as CallFilter["outcome"])}
          allowDeselect={false}
          data={[
            { value: "all", label: filters.all },
            { value: "open", label: filters.open },
            ...Object.entries(outcomes).map(([value, text]) => ({ value, label: text })),
          ]}
        />
        <TextInput
          aria-label={filters.number}
          placeholder={filters.number}
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
            icon={<Icon size={32} stroke={1.5} />}
            title={texts.empty}
            hint={filtered ? texts.emptyFiltered : texts.emptyHint}
          />
        </div>
      ) : (
        <PagedTable
          label={label}
          columns={columns}
          rows={rows}
          rowKey={(attempt) => attempt.id}
          pages={asked}
        />
      )}
    </>
  );
}
