/** A titled table of what the server keeps: also while it loads, where that failed, and while empty. */
import { Button } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import type { ComponentType, ReactNode } from "react";

import { type Column, DataTable } from "./DataTable";
import { Empty } from "./Empty";
import { Failure } from "./Failure";
import { Section } from "./Section";
import { Waiting } from "./Waiting";

interface Props<Row> {
  texts: { title: string; lead: string; empty: string; emptyHint: string; add?: string };
  /** Of such things, where there are none. */
  icon: ComponentType<{ size?: number; stroke?: number }>;
  /** The query that the rows come from. */
  found: { isPending: boolean; error: unknown; refetch: () => unknown };
  rows: readonly Row[];
  rowKey: (row: Row) => string | number;
  faded?: (row: Row) => boolean;
  columns: Column<Row>[];
  /** Asks for a new one. */
  add?: () => void;
  /** Dialogs that the rows open. */
  children?: ReactNode;
}

export function TableSection<Row>(props: Props<Row>) {
  const { texts, icon: Icon, found, rows, add, children, ...table } = props;
  const button = add && (
    <Button leftSection={<IconPlus size={16} aria-hidden />} onClick={add}>
      {texts.add}
    </Button>
  );
  return (
    <Section title={texts.title} lead={texts.lead} actions={rows.length > 0 && button}>
      {found.isPending ? (
        <Waiting />
      ) : found.error ? (
        <Failure problem={found.error} again={() => void found.refetch()} />
      ) : rows.length === 0 ? (
        <Empty
          icon={<Icon size={32} stroke={1.5} />}
          title={texts.empty}
          hint={texts.emptyHint}
          action={button}
        />
      ) : (
        <DataTable label={texts.title} rows={rows} {...table} />
      )}
      {children}
    </Section>
  );
}
