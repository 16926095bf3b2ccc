import { Button } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import {
  IconAlertTriangle,
  IconCircleCheck,
  IconCircleDashed,
  IconCircleOff,
  IconPlugConnected,
  IconPlus,
} from "@tabler/icons-react";
import { useState } from "react";

import { deleteTrunk, type Trunk, trunks } from "../../api/trunks";
import { DataTable } from "../../parts/DataTable";
import { Empty } from "../../parts/Empty";
import { Failure } from "../../parts/Failure";
import { clock, count } from "../../parts/format";
import { said } from "../../parts/notices";
import { RemoveDialog } from "../../parts/RemoveDialog";
import { EditAction, RemoveAction } from "../../parts/RowActions";
import { Section } from "../../parts/Section";
import { Waiting } from "../../parts/Waiting";
import words from "../../words/en/numbers";
import { type Health, healthOf } from "./health";
import classes from "./Numbers.module.css";
import { TrunkForm } from "./TrunkForm";

const texts = words.trunks;

export function Trunks() {
  const found = useQuery(trunks);
  const client = useQueryClient();
  const [form, setForm] = useState<Trunk | "new" | null>(null);
  const [removing, setRemoving] = useState<Trunk | null>(null);
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
          icon={<IconPlugConnected size={32} stroke={1.5} />}
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
            { key: "health", head: texts.health, cell: (row) => <HealthCell trunk={row} /> },
            { key: "address", head: texts.address, cell: (row) => <Address trunk={row} /> },
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
    </Section>
  );
}

function Address({ trunk }: { trunk: Trunk }) {
  return (
    <>
      <span className="mono">
        {trunk.host}:{trunk.port}
      </span>
      {trunk.username && (
        <span className={classes.beside}>
          {trunk.username}
          {trunk.has_password && `, ${texts.withPassword}`}
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

function HealthCell({ trunk }: { trunk: Trunk }) {
  const health = healthOf(trunk);
  const Icon = ICON[health];
  const worst = trunk.health.find((each) => !each.reachable) ?? trunk.health[0];
  return (
    <span className={classes.health} data-health={health}>
      <span className={classes.word}>
        <Icon size={16} aria-hidden /> {texts[health]}
        {trunk.register && worst && health !== "off" && (
          <span>, {worst.registered ? texts.registered : texts.notRegistered}</span>
        )}
      </span>
      {health === "unknown" && <span className={classes.beside}>{texts.unknownHint}</span>}
      {health !== "off" && worst && (
        <span className={classes.beside}>
          {worst.detail ? `${worst.detail} · ` : ""}
          {texts.seenBy(worst.node, clock(worst.at))}
        </span>
      )}
    </span>
  );
}
