/** Rows of things; on a phone each row becomes a block with its columns' names beside the values. */
import { Table } from "@mantine/core";
import type { ReactNode } from "react";

import classes from "./DataTable.module.css";

export interface Column<Row> {
  key: string;
  head: string;
  cell: (row: Row) => ReactNode;
  /** Numbers stand to the right. */
  right?: boolean;
  /** What can be done with the row: the column needs no name to be seen. */
  actions?: boolean;
  width?: number | string;
}

interface Props<Row> {
  /** What the table shows, for those who do not see it. */
  label: string;
  columns: Column<Row>[];
  rows: readonly Row[];
  rowKey: (row: Row) => string | number;
  /** Rows that do not count any more are paler. */
  faded?: (row: Row) => boolean;
}

export function DataTable<Row>({ label, columns, rows, rowKey, faded }: Props<Row>) {
  return (
    <div className={classes.scroll}>
      <Table
        aria-label={label}
        role="table"
        className={classes.table}
        verticalSpacing={9}
        horizontalSpacing={14}
        highlightOnHover
      >
        <Table.Thead role="rowgroup">
          <Table.Tr role="row">
            {columns.map((column) => (
              <Table.Th
                key={column.key}
                role="columnheader"
                data-right={column.right || undefined}
                style={{ width: column.width }}
              >
                {column.actions ? <span className="hidden-text">{column.head}</span> : column.head}
              </Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody role="rowgroup">
          {rows.map((row) => (
            <Table.Tr key={rowKey(row)} role="row" data-faded={faded?.(row) || undefined}>
              {columns.map((column) => (
                <Table.Td
                  key={column.key}
                  role="cell"
                  data-right={column.right || undefined}
                  data-actions={column.actions || undefined}
                >
                  <span className={classes.name} aria-hidden>
                    {column.actions ? "" : column.head}
                  </span>
                  <span className={classes.value}>{column.cell(row)}</span>
                </Table.Td>
              ))}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </div>
  );
}
