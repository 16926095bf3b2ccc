import { Anchor, Progress, Text } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { IconAlertTriangle, IconCheck, IconDownload } from "@tabler/icons-react";
import { useEffect } from "react";

import { type Import, lists, rejectedCsv } from "../../api/lists";
import { DataTable } from "../../parts/DataTable";
import { count, when } from "../../parts/format";
import words from "../../words/en/lists";
import classes from "./Lists.module.css";

const texts = words.imports;

export function Imports({ rows }: { rows: Import[] }) {
  const client = useQueryClient();
  const running = rows.filter((row) => row.state === "running").length;
  useEffect(() => {
    void client.invalidateQueries({ queryKey: lists.queryKey });
  }, [running, client]);
  return (
    <DataTable
      label={texts.title}
      rows={rows}
      rowKey={(row) => row.id}
      columns={[
        {
          key: "file",
          head: texts.file,
          cell: (row) => <span className={classes.file}>{row.filename}</span>,
        },
        { key: "list", head: texts.list, cell: (row) => row.list },
        { key: "state", head: texts.state, cell: (row) => <State row={row} /> },
        {
          key: "imported",
          head: texts.imported,
          right: true,
          cell: (row) => count(row.imported),
        },
        {
          key: "duplicates",
          head: texts.duplicates,
          right: true,
          cell: (row) => count(row.duplicates),
        },
        {
          key: "rejected",
          head: texts.rejected,
          right: true,
          cell: (row) => <Rejected row={row} />,
        },
        { key: "by", head: texts.by, cell: (row) => row.started_by },
        { key: "at", head: texts.at, cell: (row) => when(row.started_at) },
      ]}
    />
  );
}

function State({ row }: { row: Import }) {
  if (row.state === "running") {
    const share = row.rows_total ? (100 * row.rows_read) / row.rows_total : 0;
    return (
      <div className={classes.running}>
        <Text size="xs" component="span" className="num">
          {texts.running(row.rows_read, row.rows_total)}
        </Text>
        <Progress value={Math.min(100, share)} size="sm" aria-label={row.filename} />
      </div>
    );
  }
  if (row.state === "failed") {
    return (
      <span className={classes.failed}>
        <IconAlertTriangle size={15} aria-hidden /> {texts.failed}
        {row.error && <span className={classes.error}>{row.error}</span>}
      </span>
    );
  }
  return (
    <span className={classes.done}>
      <IconCheck size={15} aria-hidden /> {texts.done}
    </span>
  );
}

function Rejected({ row }: { row: Import }) {
  if (row.rejected === 0) return <>{count(0)}</>;
  return (
    <Anchor
      href={rejectedCsv(row.id)}
      download
      fz="inherit"
      className={classes.download}
      aria-label={texts.download(row.rejected)}
    >
      <IconDownload size={14} aria-hidden /> {count(row.rejected)}
    </Anchor>
  );
}
