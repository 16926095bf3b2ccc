/** Everybody who takes conversations: what they do now, what they can, and for whom they work. */
import { Anchor, Badge, Button, Group, Text, TextInput } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { IconExternalLink, IconHeadset, IconPhone, IconSearch, IconUserMinus, IconUserPlus } from "@tabler/icons-react";
import { useState } from "react";
import { Link } from "wouter";

import { type Agent, agents, changeAgent } from "../../api/agents";
import { Page } from "../../parts/Page";
import { PresenceBadge } from "../../parts/PresenceBadge";
import { EditAction, RowAction } from "../../parts/RowActions";
import { SecretDialog } from "../../parts/Secret";
import { TableSection } from "../../parts/TableSection";
import { refused, undoable } from "../../parts/notices";
import { useNow } from "../../parts/useNow";
import words from "../../words/en/agents";
import { AgentForm } from "./AgentForm";

const texts = words.columns;
const SEARCH_FROM = 10;

export default function Agents() {
  const found = useQuery(agents);
  const client = useQueryClient();
  const now = useNow();
  const [search, setSearch] = useState("");
  const [open, setOpen] = useState<Agent | "new" | null>(null);
  const [shown, setShown] = useState<{ name: string; password: string } | null>(null);
  const all = found.data ?? [];
  const rows = all.filter(({ name }) => name.toLowerCase().includes(search.trim().toLowerCase()));
  const again = () => client.invalidateQueries({ queryKey: agents.queryKey });

  const retire = async ({ name }: Agent, retired: boolean): Promise<void> => {
    try {
      await changeAgent(name, { retired });
    } catch (error) {
      refused(error);
      return;
    }
    void again();
    undoable(retired ? words.wasRetired(name) : words.wasBack(name), async () => {
      await changeAgent(name, { retired: !retired });
      await again();
    });
  };

  return (
    <Page
      title={words.title}
      beside={all.length > 0 && <Summary all={all} />}
      actions={
        <Button
          component="a"
          href="/desk"
          target="_blank"
          variant="default"
          leftSection={<IconExternalLink size={16} aria-hidden />}
        >
          {words.list.desk}
        </Button>
      }
    >
      {all.length >= SEARCH_FROM && (
        <TextInput
          mb="sm"
          maw={320}
          aria-label={words.list.search}
          placeholder={words.list.search}
          leftSection={<IconSearch size={16} aria-hidden />}
          value={search}
          onChange={(event) => setSearch(event.currentTarget.value)}
        />
      )}
      <TableSection
        texts={search === "" ? words.list : { ...words.list, empty: words.list.notFound, emptyHint: "" }}
        icon={IconHeadset}
        found={found}
        rows={rows}
        rowKey={({ id }) => id}
        faded={({ retired, disabled }) => retired || disabled}
        add={() => setOpen("new")}
        columns={[
          { key: "name", head: texts.name, cell: (row) => <Who agent={row} /> },
          { key: "now", head: texts.now, cell: (row) => <Now agent={row} now={now} /> },
          {
            key: "campaign",
            head: texts.campaign,
            cell: ({ desk }) =>
              desk?.campaign ? <ToCampaign {...desk.campaign} /> : <span className="dim">—</span>,
          },
          { key: "skills", head: texts.skills, cell: ({ skills }) => <Skills skills={skills} /> },
          {
            key: "campaigns",
            head: texts.campaigns,
            cell: ({ assignments }) =>
              assignments.length === 0
                ? words.noCampaign
                : assignments.map(({ campaign }, index) => (
                    <span key={campaign.id}>
                      {index > 0 && ", "}
                      <ToCampaign {...campaign} />
                    </span>
                  )),
          },
          {
            key: "actions",
            head: texts.actions,
            actions: true,
            cell: (row) =>
              row.retired ? (
                <RowAction
                  icon={IconUserPlus}
                  label={words.back}
                  named={words.backNamed(row.name)}
                  onClick={() => void retire(row, false)}
                />
              ) : (
                <>
                  <EditAction
                    label={words.edit}
                    named={words.editNamed(row.name)}
                    onClick={() => setOpen(row)}
                  />
                  <RowAction
                    icon={IconUserMinus}
                    label={words.retire}
                    named={words.retireNamed(row.name)}
                    onClick={() => void retire(row, true)}
                  />
                </>
              ),
          },
        ]}
      >
        {open !== null && (
          <AgentForm
            agent={open === "new" ? null : open}
            all={all}
            onClose={() => setOpen(null)}
            onPassword={(name, password) => setShown({ name, password })}
          />
        )}
        {shown && (
          <SecretDialog
            title={words.form.passwordTitle(shown.name)}
            lead={words.form.passwordLead(shown.name, `${location.origin}/desk`)}
            secret={shown.password}
            onClose={() => setShown(null)}
          />
        )}
      </TableSection>
    </Page>
  );
}

function Summary({ all }: { all: readonly Agent[] }) {
  const staff = all.filter(({ retired }) => !retired);
  const on = staff.flatMap(({ desk }) => (desk ? [desk.presence] : []));
  const of = (...presences: string[]) => on.filter((each) => presences.includes(each)).length;
  return (
    <Text size="sm" c="dimmed" className="num" role="status">
      {words.onShift(on.length, staff.length)}
      {on.length > 0 && `: ${words.counts(of("on_call"), of("available"), of("break"))}`}
    </Text>
  );
}

function Who({ agent: { name, phone } }: { agent: Agent }) {
  return (
    <>
      <strong>{name}</strong>
      {phone && (
        <Text component="div" size="xs" c="dimmed" className="num" style={{ overflowWrap: "anywhere" }}>
          <IconPhone size={12} aria-label={words.form.phone} /> {phone.address}
        </Text>
      )}
    </>
  );
}

function Now({ agent, now }: { agent: Agent; now: number }) {
  if (agent.retired) return words.retired;
  if (agent.disabled && agent.desk === null) return words.disabled;
  return <PresenceBadge desk={agent.desk} now={now} />;
}

export function Skills({ skills }: { skills: readonly string[] }) {
  if (skills.length === 0) return <span className="dim">—</span>;
  return (
    <Group gap={4} component="span" display="inline-flex">
      {skills.map((skill) => (
        <Badge key={skill} variant="default" tt="none" size="sm" component="span">
          {skill}
        </Badge>
      ))}
    </Group>
  );
}

function ToCampaign({ id, name }: { id: number; name: string }) {
  return (
    <Anchor component={Link} href={`/campaigns/${id}/agents`} fz="inherit">
      {name}
    </Anchor>
  );
}
