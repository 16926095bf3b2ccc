/** Who takes messages from us, and how each is doing. */
import { Button } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import {
  IconAlertTriangle,
  IconCircleCheck,
  IconCircleDashed,
  IconCircleOff,
  IconMessage2Share,
  IconPlus,
} from "@tabler/icons-react";
import { useState } from "react";

import { deleteProvider, type Provider, providers } from "../../api/providers";
import { DataTable } from "../../parts/DataTable";
import { Empty } from "../../parts/Empty";
import { Failure } from "../../parts/Failure";
import { clock, count } from "../../parts/format";
import { said } from "../../parts/notices";
import { RemoveDialog } from "../../parts/RemoveDialog";
import { EditAction, RemoveAction } from "../../parts/RowActions";
import { Section } from "../../parts/Section";
import { Waiting } from "../../parts/Waiting";
import messages from "../../words/en/messages";
import words from "../../words/en/numbers";
import { type Health, healthOf } from "./health";
import classes from "./Numbers.module.css";
import { ProviderForm } from "./ProviderForm";

const texts = messages.providers;

export function Providers() {
  const found = useQuery(providers);
  const client = useQueryClient();
  const [form, setForm] = useState<Provider | "new" | null>(null);
  const [removing, setRemoving] = useState<Provider | null>(null);
  const add = (
    <Button leftSection={<IconPlus size={16} aria-hidden />} onClick={() => setForm("new")}>
      {texts.add}
    </Button>
  );
  return (
    <Section
      title={texts.title}
      lead={texts.lead}
      actions={found.data && found.data.length > 0 && add}
    >
      {found.isPending ? (
        <Waiting />
      ) : found.error ? (
        <Failure problem={found.error} again={() => void found.refetch()} />
      ) : found.data.length === 0 ? (
        <Empty
          icon={<IconMessage2Share size={32} stroke={1.5} />}
          title={texts.empty}
          hint={texts.emptyHint}
          action={add}
        />
      ) : (
        <DataTable
          label={texts.title}
          rows={found.data}
          rowKey={(row) => row.id}
          faded={(row) => !row.enabled}
          columns={[
            { key: "name", head: texts.name, cell: (row) => <strong>{row.name}</strong> },
            { key: "kind", head: texts.kind, cell: (row) => texts.kinds[kindOf(row)] ?? kindOf(row) },
            { key: "health", head: texts.health, cell: (row) => <HealthCell provider={row} /> },
            { key: "address", head: texts.address, cell: (row) => <Address provider={row} /> },
            {
              key: "rate",
              head: texts.rate,
              right: true,
              cell: (row) =>
                row.max_per_s === null ? texts.unlimited : row.max_per_s.toLocaleString(),
            },
            { key: "window", head: texts.window, right: true, cell: (row) => count(row.window_size) },
            {
              key: "actions",
              head: words.actions,
              actions: true,
              cell: (row) => (
                <>
                  <EditAction
                    label={words.edit}
                    named={texts.editNamed(row.name)}
                    onClick={() => setForm(row)}
                  />
                  <RemoveAction
                    label={words.remove}
                    named={texts.removeNamed(row.name)}
                    onClick={() => setRemoving(row)}
                  />
                </>
              ),
            },
          ]}
        />
      )}
      {form && <ProviderForm provider={form === "new" ? null : form} onClose={() => setForm(null)} />}
      {removing && (
        <RemoveDialog
          title={texts.removeTitle(removing.name)}
          name={removing.name}
          confirm={words.remove}
          remove={() => deleteProvider(removing.name)}
          onClose={() => setRemoving(null)}
          onDone={() => {
            said(texts.removed(removing.name));
            void client.invalidateQueries({ queryKey: providers.queryKey });
          }}
        >
          {texts.removeLead}
        </RemoveDialog>
      )}
    </Section>
  );
}

export function kindOf(provider: Provider): string {
  return String(provider.options["kind"] ?? "");
}

function Address({ provider }: { provider: Provider }) {
  return (
    <>
      <span className="mono">
        {provider.host}:{provider.port}
      </span>
      {provider.username && (
        <span className={classes.beside}>
          {provider.username}
          {provider.has_password && `, ${texts.withPassword}`}
        </span>
      )}
    </>
  );
}

const ICON = {
  answers: IconCircleCheck,
  silent: IconAlertTriangle,
  unknown: IconCircleDashed,
  off: IconCircleOff,
} as const satisfies Record<Health, unknown>;

function HealthCell({ provider }: { provider: Provider }) {
  const health = healthOf({
    enabled: provider.enabled,
    register: true,
    health: provider.health.map((each) => ({ reachable: each.reachable, registered: each.bound })),
  });
  const Icon = ICON[health];
  const worst =
    provider.health.find((each) => !each.reachable || each.bound === false) ?? provider.health[0];
  const word = { answers: texts.ready, silent: texts.down, unknown: texts.unknown, off: texts.off };
  return (
    <span className={classes.health} data-health={health}>
      <span className={classes.word}>
        <Icon size={16} aria-hidden /> {word[health]}
        {worst?.throttled && health === "answers" && <span>, {texts.throttled}</span>}
      </span>
      {health !== "off" && worst && (
        <span className={classes.beside}>
          {worst.detail ? `${worst.detail} · ` : ""}
          {texts.seenBy(worst.node, clock(worst.at))}
        </span>
      )}
    </span>
  );
}
