import { Button } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { IconCircleCheck, IconCircleOff, IconKey, IconPlus, IconTrash } from "@tabler/icons-react";
import { useState } from "react";

import { addKey, type ApiKey, apiKeys, endKey } from "../../api/people";
import { DataTable } from "../../parts/DataTable";
import { Empty } from "../../parts/Empty";
import { Failure } from "../../parts/Failure";
import { day, when } from "../../parts/format";
import { said } from "../../parts/notices";
import { RemoveDialog } from "../../parts/RemoveDialog";
import { RowAction } from "../../parts/RowActions";
import { SecretDialog } from "../../parts/Secret";
import { Section } from "../../parts/Section";
import { Waiting } from "../../parts/Waiting";
import words from "../../words/en/settings";
import { NameForm } from "./NameForm";
import classes from "./Settings.module.css";

const texts = words.keys;

export default function Keys() {
  const found = useQuery(apiKeys);
  const client = useQueryClient();
  const [adding, setAdding] = useState(false);
  const [ending, setEnding] = useState<ApiKey | null>(null);
  const [shown, setShown] = useState<{ name: string; key: string } | null>(null);
  const again = () => client.invalidateQueries({ queryKey: apiKeys.queryKey });
  const add = (
    <Button leftSection={<IconPlus size={16} aria-hidden />} onClick={() => setAdding(true)}>
      {texts.add}
    </Button>
  );
  return (
    <Section title={words.tabs.keys} lead={texts.lead} actions={add}>
      {found.isPending ? (
        <Waiting />
      ) : found.error ? (
        <Failure problem={found.error} again={() => void found.refetch()} />
      ) : found.data.items.length === 0 ? (
        <Empty
          icon={<IconKey size={32} stroke={1.5} />}
          title={texts.empty}
          hint={texts.emptyHint}
        />
      ) : (
        <DataTable
          label={words.tabs.keys}
          rows={found.data.items}
          rowKey={(row) => `${row.name} ${row.created_at}`}
          faded={(row) => row.revoked_at !== null}
          columns={[
            { key: "name", head: texts.name, cell: (row) => <strong>{row.name}</strong> },
            {
              key: "state",
              head: texts.state,
              cell: (row) =>
                row.revoked_at === null ? (
                  <span className={classes.state} data-good>
                    <IconCircleCheck size={16} aria-hidden /> {texts.valid}
                  </span>
                ) : (
                  <span className={classes.state}>
                    <IconCircleOff size={16} aria-hidden /> {texts.ended(when(row.revoked_at))}
                  </span>
                ),
            },
            { key: "at", head: texts.at, cell: (row) => day(row.created_at) },
            {
              key: "actions",
              head: texts.actions,
              actions: true,
              cell: (row) =>
                row.revoked_at === null && (
                  <RowAction
                    icon={IconTrash}
                    label={texts.end}
                    named={texts.endNamed(row.name)}
                    onClick={() => setEnding(row)}
                  />
                ),
            },
          ]}
        />
      )}
      {adding && (
        <NameForm
          title={texts.formTitle}
          label={texts.name}
          hint={texts.formHint}
          submit={texts.formAdd}
          make={addKey}
          onMade={(made) => {
            setAdding(false);
            setShown(made);
            void again();
          }}
          onClose={() => setAdding(false)}
        />
      )}
      {ending && (
        <RemoveDialog
          title={texts.endTitle(ending.name)}
          name={ending.name}
          confirm={texts.end}
          remove={() => endKey(ending.name)}
          onClose={() => setEnding(null)}
          onDone={() => {
            said(texts.wasEnded(ending.name));
            void again();
          }}
        >
          {texts.endLead}
        </RemoveDialog>
      )}
      {shown && (
        <SecretDialog
          title={texts.madeTitle(shown.name)}
          lead={texts.madeLead}
          secret={shown.key}
          onClose={() => setShown(null)}
        />
      )}
    </Section>
  );
}
