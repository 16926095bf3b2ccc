import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { audioOf, deleteRecording, type Recording, recordings } from "../../api/recordings";
import { DataTable } from "../../parts/DataTable";
import { Failure } from "../../parts/Failure";
import { when } from "../../parts/format";
import { Listen } from "../../parts/Listen";
import { said } from "../../parts/notices";
import { RecordingUpload } from "../../parts/RecordingUpload";
import { RemoveDialog } from "../../parts/RemoveDialog";
import { RemoveAction } from "../../parts/RowActions";
import { Section } from "../../parts/Section";
import { Waiting } from "../../parts/Waiting";
import words from "../../words/en/numbers";
import classes from "./Numbers.module.css";

const texts = words.recordings;

export function Recordings() {
  const found = useQuery(recordings);
  const client = useQueryClient();
  const [removing, setRemoving] = useState<Recording | null>(null);
  return (
    <Section title={texts.title} lead={texts.lead}>
      {found.isPending ? (
        <Waiting />
      ) : found.error ? (
        <Failure problem={found.error} again={() => void found.refetch()} />
      ) : (
        <>
          <div className={classes.upload}>
            <RecordingUpload />
          </div>
          {found.data.length > 0 && (
            <DataTable
              label={texts.title}
              rows={found.data}
              rowKey={(row) => row.id}
              columns={[
                { key: "name", head: texts.name, cell: (row) => <strong>{row.name}</strong> },
                {
                  key: "listen",
                  head: texts.listen,
                  cell: (row) => (
                    <Listen name={row.name} src={audioOf(row.name)} durationMs={row.duration_ms} />
                  ),
                },
                { key: "by", head: texts.by, cell: (row) => row.created_by },
                { key: "at", head: texts.at, cell: (row) => when(row.created_at) },
                {
                  key: "actions",
                  head: words.actions,
                  actions: true,
                  cell: (row) => (
                    <RemoveAction
                      label={words.remove}
                      named={texts.removeNamed(row.name)}
                      onClick={() => setRemoving(row)}
                    />
                  ),
                },
              ]}
            />
          )}
        </>
      )}
      {removing && (
        <RemoveDialog
          title={texts.removeTitle(removing.name)}
          name={removing.name}
          confirm={words.remove}
          remove={() => deleteRecording(removing.name)}
          onClose={() => setRemoving(null)}
          onDone={() => {
            said(texts.removed(removing.name));
            void client.invalidateQueries({ queryKey: recordings.queryKey });
          }}
        >
          {texts.removeLead}
        </RemoveDialog>
      )}
    </Section>
  );
}
