/** A file becomes a list: what its columns are, what the first rows become, progress, the outcome. */
import { Alert, Button } from "@mantine/core";
import { keepPreviousData, useMutation, useQuery } from "@tanstack/react-query";
import { IconAlertCircle, IconAlertTriangle, IconCheck, IconFile } from "@tabler/icons-react";
import { useState } from "react";

import {
  type ImportWishes,
  lists,
  type Preview,
  previewFile,
  startImport,
} from "../../api/lists";
import { asProblem, Problem } from "../../api/problem";
import { Failure } from "../../parts/Failure";
import { percent } from "../../parts/format";
import { readersRegion } from "../../parts/regions";
import { Waiting } from "../../parts/Waiting";
import words from "../../words/en/lists";
import classes from "./ImportForm.module.css";
import { type Done, ImportProgress } from "./ImportProgress";
import { Mapping } from "./Mapping";
import { listNameOf, mappingOf, phoneRank, rowsOfWhole, SLICE_BYTES, sliceEnd } from "./preview";
import { Wishes } from "./Wishes";

export const ACCEPTED = ".csv,.tsv,.txt,.tab,.psv,.xlsx,.xls,.ods,text/csv";

const texts = words.form;

interface Props {
  file: File;
  /** The list to add to; null: a new one. */
  list: string | null;
  onOtherFile: () => void;
  /** What can be done when it is in. */
  done: Done;
}

export function ImportForm({ file, list, onOtherFile, done }: Props) {
  const known = useQuery(lists).data;
  const [wishes, setWishes] = useState<ImportWishes>(() => firstWishes(file, list));
  // As the person says it; null: as the server finds it out.
  const [fields, setFields] = useState<string[] | null>(null);
  const [sent, setSent] = useState<number | null>(null);

  const region = wishes.region ?? null;
  const look = { ...wishes, mapping: fields ? mappingOf(fields) : {} };
  const hasPhone = fields === null || fields.some((field) => phoneRank(field) > 0);
  const { header, delimiter, encoding, sheet } = wishes;
  const preview = useQuery({
    queryKey: ["preview", file.name, file.size, file.lastModified, fields, region, header, delimiter, encoding, sheet], // prettier-ignore
    queryFn: () => lookAt(file, look),
    enabled: hasPhone,
    placeholderData: keepPreviousData,
    staleTime: Infinity,
    retry: false,
    refetchOnWindowFocus: false,
  });
  const start = useMutation({ mutationFn: () => startImport(file, look, setSent) });

  if (start.data) {
    return <ImportProgress id={start.data.id} onAnother={onOtherFile} done={done} />;
  }
  const change = (next: Partial<ImportWishes>): void => {
    const layout = ["header", "delimiter", "encoding", "sheet"].some((name) => name in next);
    if (layout) setFields(null);
    setWishes({ ...wishes, ...next });
  };
  const shown = preview.data;
  const shownFields = fields ?? shown?.fields ?? [];
  const ready = shownFields.some((field) => phoneRank(field) > 0) && wishes.name.trim() !== "";

  return (
    <div className="card">
      <div className={classes.head}>
        <IconFile size={20} stroke={1.7} aria-hidden />
        <span className={classes.filename}>{file.name}</span>
        {shown && <span className="dim num">{texts.rows(shown.rows, shown.sure)}</span>}
        <Button variant="subtle" size="compact-sm" onClick={onOtherFile}>
          {texts.otherFile}
        </Button>
      </div>
      <Wishes
        wishes={wishes}
        found={shown?.preview ?? null}
        lists={known ?? []}
        fixedList={list !== null}
        change={change}
      />
      {preview.error && !shown ? (
        <Failure problem={preview.error} again={() => void preview.refetch()} />
      ) : !shown ? (
        <Waiting />
      ) : (
        <>
          {preview.error && (
            <Alert color="red" m="md" role="alert" icon={<IconAlertCircle size={18} />}>
              {asProblem(preview.error).message}
            </Alert>
          )}
          <Mapping
            preview={shown.preview}
            fields={shownFields}
            stale={preview.isFetching || !hasPhone}
            onChange={setFields}
          />
        </>
      )}
      {start.error && (
        <Alert color="red" m="md" role="alert" icon={<IconAlertCircle size={18} />}>
          {asProblem(start.error).message}
        </Alert>
      )}
      {shown && (
        <div className={classes.foot}>
          <Verdict preview={shown.preview} needsPhone={!ready && wishes.name.trim() !== ""} />
          <Button disabled={!ready} loading={start.isPending} onClick={() => start.mutate()}>
            {texts.startRows(shown.rows, shown.sure)}
          </Button>
          {start.isPending && (
            <span className="dim num" role="status">
              {sent === null || sent >= 1 ? texts.checking : texts.sending(percent(sent, 0))}
            </span>
          )}
        </div>
      )}
    </div>
  );
}

function Verdict({ preview, needsPhone }: { preview: Preview; needsPhone: boolean }) {
  const bad = preview.results.filter((each) => each.reason !== null).length;
  const warns = needsPhone || bad > 0;
  const Icon = warns ? IconAlertTriangle : IconCheck;
  return (
    <span className={classes.verdict} data-bad={warns || undefined} role="status">
      <Icon size={17} aria-hidden />
      {needsPhone
        ? texts.needsPhone
        : bad > 0
          ? texts.someBad(bad, preview.results.length)
          : texts.allGood(preview.results.length)}
    </span>
  );
}

interface Looked {
  preview: Preview;
  fields: string[];
  rows: number;
  /** False: judged by the beginning of the file. */
  sure: boolean;
}

/** What the server makes of the beginning of the file. */
async function lookAt(file: File, wishes: ImportWishes): Promise<Looked> {
  const head = new Uint8Array(await file.slice(0, SLICE_BYTES).arrayBuffer());
  const end = sliceEnd(file.name, file.size, head);
  const piece = file.slice(0, end);
  let preview: Preview;
  try {
    preview = await previewFile(piece, file.name, wishes);
  } catch (error) {
    // No column looks like numbers: show the rows all the same, and let the person say which.
    if (!(error instanceof Problem) || !Array.isArray(error.body["columns"])) throw error;
    const shown = await previewFile(piece, file.name, { ...wishes, mapping: { "1": "phone" } });
    const columns = shown.columns.map((column) => ({ ...column, field: "attribute" }));
    preview = { ...shown, columns, results: [] };
  }
  return {
    preview,
    fields: preview.columns.map((column) => column.field),
    rows: rowsOfWhole(preview.rows_total, end, file.size),
    sure: end >= file.size,
  };
}

function firstWishes(file: File, list: string | null): ImportWishes {
  return {
    name: list ?? listNameOf(file.name),
    region: readersRegion(),
    mapping: {},
    header: "auto",
    duplicates: "skip",
    across_lists: "allow",
    strict: false,
    delimiter: null,
    encoding: null,
    sheet: null,
  };
}
