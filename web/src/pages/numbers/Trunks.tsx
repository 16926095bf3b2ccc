import { useQuery, useQueryClient } from "@tanstack/react-query";
import { IconPlugConnected } from "@tabler/icons-react";
import { useState } from "react";

import { deleteTrunk, type Trunk, trunks } from "../../api/trunks";
import { count } from "../../parts/format";
import { said } from "../../parts/notices";
import { RemoveDialog } from "../../parts/RemoveDialog";
import { changeAndRemove } from "../../parts/RowActions";
import { TableSection } from "../../parts/TableSection";
import words from "../../words/en/numbers";
import { healthOf } from "./health";
import { Address, Seen } from "./Seen";
import { TrunkForm } from "./TrunkForm";

const texts = words.trunks;

export function Trunks() {
  const found = useQuery(trunks);
  const client = useQueryClient();
  const [form, setForm] = useState<Trunk | "new" | null>(null);
  const [removing, setRemoving] = useState<Trunk | null>(null);
  return (
    <TableSection
      texts={texts}
      icon={IconPlugConnected}
      found={found}
      rows={found.data ?? []}
      rowKey={(row) => row.id}
      faded={(row) => !row.enabled}
      columns={[
        { key: "name", head: texts.name, cell: (row) => <strong>{row.name}</strong> },
        { key: "health", head: texts.health, cell: (row) => <HealthCell trunk={row} /> },
        { key: "address", head: texts.address, cell: (row) => <Address of={row} /> },
        {
          key: "channels",
          head: texts.channels,
          right: true,
          cell: (row) => (row.max_channels === null ? texts.unlimited : count(row.max_channels)),
        },
        {
          key: "cps",
          head: texts.cps,
          right: true,
          cell: (row) => (row.max_cps === null ? texts.unlimited : row.max_cps.toLocaleString()),
        },
        changeAndRemove<Trunk>({
          words,
          texts,
          name: (row) => row.name,
          change: setForm,
          remove: setRemoving,
        }),
      ]}
      add={() => setForm("new")}
    >
      {form && <TrunkForm trunk={form === "new" ? null : form} onClose={() => setForm(null)} />}
      {removing && (
        <RemoveDialog
          title={texts.removeTitle(removing.name)}
          name={removing.name}
          confirm={words.remove}
          remove={() => deleteTrunk(removing.name)}
          onClose={() => setRemoving(null)}
          onDone={() => {
            said(texts.removed(removing.name));
            void client.invalidateQueries({ queryKey: trunks.queryKey });
          }}
        >
          {texts.removeLead}
        </RemoveDialog>
      )}
    </TableSection>
  );
}

function HealthCell({ trunk }: { trunk: Trunk }) {
  const health = healthOf(trunk);
  const worst = trunk.health.find((each) => !each.reachable) ?? trunk.health[0];
  return (
    <Seen
      health={health}
      hint={health === "unknown" && texts.unknownHint}
      worst={worst}
      seenBy={texts.seenBy}
    >
      {texts[health]}
      {trunk.register && worst && health !== "off" && (
        <span>, {worst.registered ? texts.registered : texts.notRegistered}</span>
      )}
    </Seen>
  );
}
