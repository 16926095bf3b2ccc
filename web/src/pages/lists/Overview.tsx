import { ActionIcon, Anchor, Badge, Button, Tooltip } from "@mantine/core";
import { useInfiniteQuery, useQuery, useQueryClient } from "@tanstack/react-query";
import { IconFilePlus, IconTrash } from "@tabler/icons-react";
import { useRef, useState } from "react";
import { Link, useLocation } from "wouter";

import { type ContactList, deleteList, imports, lists } from "../../api/lists";
import { DataTable } from "../../parts/DataTable";
import { Failure } from "../../parts/Failure";
import { FileDrop } from "../../parts/FileDrop";
import { said } from "../../parts/notices";
import { Page } from "../../parts/Page";
import { RemoveDialog } from "../../parts/RemoveDialog";
import { Section } from "../../parts/Section";
import { Waiting } from "../../parts/Waiting";
import { count, when } from "../../parts/format";
import common from "../../words/en/common";
import words from "../../words/en/lists";
import { choose } from "./chosenFile";
import { ContactsDrawer } from "./ContactsDrawer";
import { Imports } from "./Imports";
import { ACCEPTED } from "./ImportForm";

export function Overview() {
  const found = useQuery(lists);
  const [, go] = useLocation();
  const take = (file: File, list: string | null = null): void => {
    choose(file, list);
    go("/lists/import");
  };
  const total = found.data?.reduce((n, each) => n + each.contacts, 0) ?? 0;
  const some = found.data !== undefined && found.data.length > 0;
  return (
    <Page
      title={words.title}
      beside={some && <span className="dim num">{words.summary(found.data.length, total)}</span>}
      actions={
        some && (
          <Button
            component={Link}
            href="/lists/import"
            leftSection={<IconFilePlus size={16} aria-hidden />}
          >
            {words.bringIn}
          </Button>
        )
      }
    >
      {found.isPending ? (
        <Waiting />
      ) : found.error ? (
        <Failure problem={found.error} again={() => void found.refetch()} />
      ) : (
        <>
          <div style={{ marginBottom: 24 }}>
            <FileDrop
              title={some ? words.dropTitle : words.emptyTitle}
              hint={some ? words.dropHint : `${words.dropTitle}. ${words.dropHint}`}
              accept={ACCEPTED}
              onFile={(file) => take(file)}
              tall={!some}
            />
          </div>
          {some && <Table rows={found.data} onAdd={take} />}
          <RecentImports />
        </>
      )}
    </Page>
  );
}

interface TableProps {
  rows: ContactList[];
  onAdd: (file: File, list: string) => void;
}

function Table({ rows, onAdd }: TableProps) {
  const client = useQueryClient();
  const [removing, setRemoving] = useState<ContactList | null>(null);
  const [shown, setShown] = useState<ContactList | null>(null);
  const input = useRef<HTMLInputElement>(null);
  const addTo = useRef("");
  return (
    <div className="card" style={{ marginBottom: 32 }}>
      <DataTable
        label={words.title}
        rows={rows}
        rowKey={(row) => row.id}
        columns={[
          {
            key: "name",
            head: words.columns.name,
            cell: (row) => (
              <>
                <Anchor
                  component="button"
                  type="button"
                  fw={600}
                  fz="inherit"
                  ta="left"
                  onClick={() => setShown(row)}
                  aria-label={words.show(row.name)}
                >
                  {row.name}
                </Anchor>{" "}
                {row.state === "importing" && (
                  <Badge variant="light" size="sm" ml={6}>
                    {words.importing}
                  </Badge>
                )}
              </>
            ),
          },
          {
            key: "contacts",
            head: words.columns.contacts,
            right: true,
            cell: (row) => count(row.contacts),
          },
          {
            key: "campaigns",
            head: words.columns.campaigns,
            right: true,
            cell: (row) => (row.campaigns === 0 ? common.none : count(row.campaigns)),
          },
          {
            key: "region",
            head: words.columns.region,
            cell: (row) => row.default_region ?? common.notYet,
          },
          { key: "by", head: words.columns.by, cell: (row) => row.created_by },
          { key: "at", head: words.columns.at, cell: (row) => when(row.created_at) },
          {
            key: "actions",
            head: words.columns.actions,
            actions: true,
            cell: (row) => (
              <>
                <Tooltip label={words.addTo}>
                  <ActionIcon
                    variant="subtle"
                    color="gray"
                    size={34}
                    aria-label={words.addToNamed(row.name)}
                    onClick={() => {
                      addTo.current = row.name;
                      input.current?.click();
                    }}
                  >
                    <IconFilePlus size={18} aria-hidden />
                  </ActionIcon>
                </Tooltip>
                <Tooltip label={words.remove}>
                  <ActionIcon
                    variant="subtle"
                    color="gray"
                    size={34}
                    aria-label={words.removeNamed(row.name)}
                    onClick={() => setRemoving(row)}
                  >
                    <IconTrash size={18} aria-hidden />
                  </ActionIcon>
                </Tooltip>
              </>
            ),
          },
        ]}
      />
      <input
        ref={input}
        type="file"
        accept={ACCEPTED}
        hidden
        aria-hidden
        tabIndex={-1}
        onChange={(event) => {
          const file = event.currentTarget.files?.[0];
          event.currentTarget.value = "";
          if (file) onAdd(file, addTo.current);
        }}
      />
      {shown && <ContactsDrawer list={shown} onClose={() => setShown(null)} />}
      {removing && (
        <RemoveDialog
          title={words.removeTitle(removing.name)}
          name={removing.name}
          confirm={words.remove}
          remove={() => deleteList(removing.name)}
          onClose={() => setRemoving(null)}
          onDone={() => {
            said(words.removed(removing.name));
            void client.invalidateQueries({ queryKey: lists.queryKey });
            void client.invalidateQueries({ queryKey: imports.queryKey });
          }}
        >
          {words.removeLead(removing.contacts)}
        </RemoveDialog>
      )}
    </div>
  );
}

function RecentImports() {
  const found = useInfiniteQuery(imports);
  const rows = found.data?.pages.flatMap((page) => page.items) ?? [];
  if (rows.length === 0) return null;
  return (
    <Section title={words.imports.title} lead={words.imports.lead}>
      <Imports rows={rows} />
      {found.hasNextPage && (
        <Button
          variant="subtle"
          fullWidth
          onClick={() => void found.fetchNextPage()}
          loading={found.isFetchingNextPage}
        >
          {common.more}
        </Button>
      )}
    </Section>
  );
}
