import { Button } from "@mantine/core";

import { type Column, DataTable } from "../../parts/DataTable";
import common from "../../words/en/common";

interface Props<Row> {
  label: string;
  columns: Column<Row>[];
  rows: readonly Row[];
  rowKey: (row: Row) => string | number;
  /** The query that the rows come from, page by page. */
  pages: { hasNextPage: boolean; isFetchingNextPage: boolean; fetchNextPage: () => unknown };
}

/** A table of what comes in pages, with the button that asks for more. */
export function PagedTable<Row>({ pages, ...table }: Props<Row>) {
  return (
    <div className="card" style={{ overflow: "hidden" }}>
      <DataTable {...table} />
      {pages.hasNextPage && (
        <div style={{ padding: 10, borderTop: "1px solid var(--line)" }}>
          <Button
            variant="default"
            size="sm"
            onClick={() => pages.fetchNextPage()}
            loading={pages.isFetchingNextPage}
          >
            {common.more}
          </Button>
        </div>
      )}
    </div>
  );
}
