/** Who takes messages from us, and how each is doing. */
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { IconMessage2Share } from "@tabler/icons-react";
import { useState } from "react";

import { deleteProvider, type Provider, providers } from "../../api/providers";
import { count } from "../../parts/format";
import { said } from "../../parts/notices";
import { RemoveDialog } from "../../parts/RemoveDialog";
import { changeAndRemove } from "../../parts/RowActions";
import { TableSection } from "../../parts/TableSection";
import messages from "../../words/en/messages";
import words from "../../words/en/numbers";
import { healthOf } from "./health";
import { ProviderForm } from "./ProviderForm";
import { Address, Seen } from "./Seen";

const texts = messages.providers;

export function Providers() {
  const found = useQuery(providers);
  const client = useQueryClient();
  const [form, setForm] = useState<Provider | "new" | null>(null);
  const [removing, setRemoving] = useState<Provider | null>(null);
  return (
    <TableSection
      texts={texts}
      icon={IconMessage2Share}
      found={found}
      rows={found.data ?? []}
      rowKey={(row) => row.id}
      faded={(row) => !row.enabled}
      columns={[
        { key: "name", head: texts.name, cell: (row) => <strong>{row.name}</strong> },
        { key: "kind", head: texts.kind, cell: (row) => texts.kinds[kindOf(row)] ?? kindOf(row) },
        { key: "health", head: texts.health, cell: (row) => <HealthCell provider={row} /> },
        { key: "address", head: texts.address, cell: (row) => <Address of={row} /> },
        {
          key: "rate",
          head: texts.rate,
          right: true,
          cell: (row) =>
            row.max_per_s === null ? texts.unlimited : row.max_per_s.toLocaleString(),
        },
        { key: "window", head: texts.window, right: true, cell: (row) => count(row.window_size) },
        changeAndRemove<Provider>({
          words,
          texts,
          name: (row) => row.name,
          change: setForm,
          remove: setRemoving,
        }),
      ]}
      add={() => setForm("new")}
    >
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
    </TableSection>
  );
}

function kindOf(provider: Provider): string {
  return String(provider.options["kind"] ?? "");
}

function HealthCell({ provider }: { provider: Provider }) {
  const health = healthOf({
    enabled: provider.enabled,
    register: true,
    health: provider.health.map((each) => ({ reachable: each.reachable, registered: each.bound })),
  });
  const worst =
    provider.health.find((each) => !each.reachable || each.bound === false) ?? provider.health[0];
  const word = { answers: texts.ready, silent: texts.down, unknown: texts.unknown, off: texts.off };
  return (
    <Seen health={health} worst={worst} seenBy={texts.seenBy}>
      {word[health]}
      {worst?.throttled && health === "answers" && <span>, {texts.throttled}</span>}
    </Seen>
  );
}
