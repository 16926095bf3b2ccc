/** Numbers that must not be called: find one, add some, allow one again. */
import { Button, Select, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { keepPreviousData, useInfiniteQuery, useQueryClient } from "@tanstack/react-query";
import { IconPhoneCheck, IconPhoneOff, IconPlus, IconSearch } from "@tabler/icons-react";
import { useState } from "react";

import { addEntries, type Channel, DO_NOT_CALL, entries, type Entry, removeEntry } from "../../api/doNotCall";
import { useCampaignNames } from "../../parts/campaignNames";
import { DataTable } from "../../parts/DataTable";
import { Empty } from "../../parts/Empty";
import { Failure } from "../../parts/Failure";
import { when } from "../../parts/format";
import { refused, undoable } from "../../parts/notices";
import { Page } from "../../parts/Page";
import { RowAction } from "../../parts/RowActions";
import { Waiting } from "../../parts/Waiting";
import common from "../../words/en/common";
import words from "../../words/en/doNotCall";
import { AddNumbers } from "./AddNumbers";
import classes from "./DoNotCall.module.css";
import { beginningOf } from "./numbers";

export default function DoNotCall() {
  const [text, setText] = useState("");
  const [campaign, setCampaign] = useState<string | null>(null);
  const [adding, setAdding] = useState(false);
  const [searched] = useDebouncedValue(beginningOf(text), 200);
  const names = useCampaignNames();
  const found = useInfiniteQuery({
    ...entries(searched, campaign),
    placeholderData: keepPreviousData,
  });
  const rows = found.data?.pages.flatMap((page) => page.items) ?? [];
  const unfiltered = searched === null && campaign === null;
  const add = (
    <Button leftSection={<IconPlus size={16} aria-hidden />} onClick={() => setAdding(true)}>
      {words.add}
    </Button>
  );
  return (
    <Page title={words.title} actions={add}>
      <p className={classes.lead}>{words.lead}</p>
      <div className={classes.filters}>
        <TextInput
          type="search"
          aria-label={words.searchLabel}
          placeholder={words.search}
          leftSection={<IconSearch size={16} aria-hidden />}
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
        />
        <Select
          aria-label={words.campaignLabel}
          placeholder={words.everywhere}
          data={names}
          value={campaign}
          onChange={setCampaign}
          searchable
          clearable
        />
      </div>
      <div className="card">
        {found.isPending ? (
          <Waiting />
        ) : found.error ? (
          <Failure problem={found.error} again={() => void found.refetch()} />
        ) : rows.length > 0 ? (
          <Entries rows={rows} />
        ) : unfiltered ? (
          <Empty
            icon={<IconPhoneOff size={32} stroke={1.5} />}
            title={words.emptyTitle}
            hint={words.emptyHint}
            action={add}
          />
        ) : (
          <Empty
            icon={<IconPhoneCheck size={32} stroke={1.5} />}
            title={words.nothingTitle}
            hint={searched ? words.nothingHint(searched) : undefined}
          />
        )}
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
      </div>
      {adding && <AddNumbers onClose={() => setAdding(false)} />}
    </Page>
  );
}

function Entries({ rows }: { rows: Entry[] }) {
  const client = useQueryClient();
  const again = () => client.invalidateQueries({ queryKey: DO_NOT_CALL });
  const remove = async (entry: Entry): Promise<void> => {
    try {
      await removeEntry(entry);
    } catch (error) {
      refused(error);
      return;
    }
    void again();
    undoable(words.removed(entry.phone, entry.channel), async () => {
      const { phone, campaign, source } = entry;
      await addEntries({ phone, campaign, source, channel: entry.channel as Channel | null });
      await again();
    });
  };
  return (
    <DataTable
      label={words.title}
      rows={rows}
      rowKey={(row) => `${row.phone} ${row.channel ?? ""} ${row.campaign ?? ""}`}
      columns={[
        {
          key: "phone",
          head: words.phone,
          cell: (row) => <strong className="num">{row.phone}</strong>,
        },
        { key: "where", head: words.where, cell: (row) => row.campaign ?? words.all },
        {
          key: "channel",
          head: words.channel,
          cell: (row) =>
            row.channel === null ? words.allChannels : (words.channels[row.channel] ?? row.channel),
        },
        { key: "source", head: words.source, cell: (row) => row.source },
        { key: "by", head: words.by, cell: (row) => row.added_by },
        { key: "at", head: words.at, cell: (row) => when(row.added_at) },
        {
          key: "actions",
          head: words.actions,
          actions: true,
          cell: (row) => (
            <RowAction
              icon={IconPhoneCheck}
              label={words.remove}
              named={words.removeNamed(row.phone, row.channel)}
              onClick={() => void remove(row)}
            />
          ),
        },
      ]}
    />
  );
}
