/** Who is told what happens, by webhook or e-mail, and what became of it. */
import { Alert, Modal, Text } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import {
  IconAlertTriangle,
  IconBell,
  IconCircleCheck,
  IconCircleDashed,
  IconCircleOff,
  IconRefresh,
  IconSend,
} from "@tabler/icons-react";
import { useState } from "react";

import {
  lastNotifications,
  type Notification,
  type Recipient,
  recipients,
  removeRecipient,
  retryNotification,
  testRecipient,
} from "../../api/notifications";
import { Failure } from "../../parts/Failure";
import { clock, whenWithoutZone, zoneName } from "../../parts/format";
import { refused, said } from "../../parts/notices";
import { RemoveDialog } from "../../parts/RemoveDialog";
import { changeAndRemove, RowAction } from "../../parts/RowActions";
import { SecretDialog } from "../../parts/Secret";
import { TableSection } from "../../parts/TableSection";
import { Waiting } from "../../parts/Waiting";
import common from "../../words/en/common";
import texts from "../../words/en/notifications";
import { RecipientForm } from "./RecipientForm";
import classes from "./Settings.module.css";

export default function Notifications() {
  const found = useQuery(recipients);
  const client = useQueryClient();
  const [form, setForm] = useState<Recipient | "new" | null>(null);
  const [removing, setRemoving] = useState<Recipient | null>(null);
  const [testing, setTesting] = useState<string | null>(null);
  const [shown, setShown] = useState<{ name: string; secret: string } | null>(null);
  return (
    <>
      <TableSection
        texts={texts}
        icon={IconBell}
        found={found}
        rows={found.data?.items ?? []}
        rowKey={(row) => row.id}
        faded={(row) => !row.enabled}
        columns={[
          { key: "name", head: texts.name, cell: (row) => <strong>{row.name}</strong> },
          {
            key: "to",
            head: texts.to,
            cell: (row) => <span style={{ overflowWrap: "anywhere" }}>{goesTo(row)}</span>,
          },
          { key: "told", head: texts.told, cell: (row) => <Told recipient={row} /> },
          { key: "state", head: texts.state, cell: (row) => <State recipient={row} /> },
          changeAndRemove<Recipient>({
            words: texts,
            texts,
            name: (row) => row.name,
            more: (row) => (
              <RowAction
                icon={IconSend}
                label={texts.test}
                named={texts.testNamed(row.name)}
                onClick={() => setTesting(row.name)}
              />
            ),
            change: setForm,
            remove: setRemoving,
          }),
        ]}
        add={() => setForm("new")}
      />
      <Log />
      {form && (
        <RecipientForm
          recipient={form === "new" ? null : form}
          onClose={() => setForm(null)}
          onSecret={(name, secret) => setShown({ name, secret })}
        />
      )}
      {testing !== null && <Test name={testing} onClose={() => setTesting(null)} />}
      {shown && (
        <SecretDialog
          title={texts.keyTitle(shown.name)}
          lead={texts.keyLead}
          secret={shown.secret}
          onClose={() => setShown(null)}
        />
      )}
      {removing && (
        <RemoveDialog
          title={texts.removeTitle(removing.name)}
          name={removing.name}
          confirm={texts.remove}
          remove={() => removeRecipient(removing.name)}
          onClose={() => setRemoving(null)}
          onDone={() => {
            said(texts.removed(removing.name));
            void client.invalidateQueries({ queryKey: recipients.queryKey });
            void client.invalidateQueries({ queryKey: lastNotifications.queryKey });
          }}
        >
          {texts.removeLead}
        </RemoveDialog>
      )}
    </>
  );
}

function goesTo({ destination }: Recipient): string {
  return destination.kind === "webhook" ? destination.url : destination.to.join(", ");
}

function Told({ recipient }: { recipient: Recipient }) {
  return (
    <>
      {recipient.events.map((event) => (
        <span key={event} className={classes.line}>
          {texts.events[event] ?? event}
        </span>
      ))}
    </>
  );
}

function State({ recipient }: { recipient: Recipient }) {
  const { enabled, waiting, given_up: lost, last_state: last, last_answer: answer } = recipient;
  const [Icon, word] = !enabled
    ? [IconCircleOff, texts.off]
    : lost > 0
      ? [IconAlertTriangle, texts.givenUp(lost)]
      : waiting > 0
        ? [IconCircleDashed, texts.waiting(waiting)]
        : last === null
          ? [IconCircleDashed, texts.untried]
          : [IconCircleCheck, texts.fine];
  const good = enabled && lost === 0 && waiting === 0 && last !== null;
  return (
    <>
      <span
        className={classes.state}
        data-good={good || undefined}
        data-bad={(enabled && lost > 0) || undefined}
      >
        <Icon size={16} aria-hidden /> {word}
      </span>
      {enabled && !good && answer !== null && <span className={classes.line}>{answer}</span>}
    </>
  );
}

/** Sends a test at once, and says what came of it. */
function Test({ name, onClose }: { name: string; onClose: () => void }) {
  const asked = useQuery({
    queryKey: ["notification-test", name],
    queryFn: () => testRecipient(name),
    gcTime: 0,
    retry: false,
    refetchOnWindowFocus: false,
    refetchOnReconnect: false,
  });
  const result = asked.data;
  return (
    <Modal
      opened
      onClose={onClose}
      title={<Text fw={650}>{texts.testTitle(name)}</Text>}
      centered
      closeButtonProps={{ "aria-label": common.close }}
    >
      {asked.isPending ? (
        <Waiting />
      ) : result === undefined ? (
        <Failure problem={asked.error} again={() => void asked.refetch()} />
      ) : (
        <Alert
          color={result.delivered ? "green" : "red"}
          role="status"
          icon={result.delivered ? <IconCircleCheck size={18} /> : <IconAlertTriangle size={18} />}
          title={result.delivered ? texts.arrived(result.took_ms) : texts.notArrived}
        >
          {texts.answered} <span style={{ overflowWrap: "anywhere" }}>{result.answer}</span>
        </Alert>
      )}
    </Modal>
  );
}

function Log() {
  const found = useQuery(lastNotifications);
  const client = useQueryClient();
  const retry = useMutation({
    mutationFn: retryNotification,
    onSuccess: () => {
      said(texts.log.retried);
      void client.invalidateQueries({ queryKey: lastNotifications.queryKey });
    },
    onError: refused,
  });
  const words = texts.log;
  return (
    <TableSection
      texts={words}
      icon={IconSend}
      found={found}
      rows={found.data?.items ?? []}
      rowKey={(row) => row.id}
      columns={[
        {
          key: "at",
          head: words.at(zoneName()),
          cell: (row) => <span className="num">{whenWithoutZone(row.created_at, true)}</span>,
        },
        { key: "what", head: words.what, cell: (row) => row.sentence },
        { key: "to", head: words.recipient, cell: (row) => row.recipient },
        { key: "state", head: words.state, cell: (row) => <Came of={row} /> },
        {
          key: "actions",
          head: texts.actions,
          actions: true,
          cell: (row) =>
            row.state === "given_up" && (
              <RowAction
                icon={IconRefresh}
                label={words.retry}
                named={words.retryNamed(row.id)}
                disabled={retry.isPending}
                onClick={() => retry.mutate(row.id)}
              />
            ),
        },
      ]}
    />
  );
}

function Came({ of }: { of: Notification }) {
  const words = texts.log;
  const Icon =
    of.state === "delivered"
      ? IconCircleCheck
      : of.state === "waiting"
        ? IconCircleDashed
        : IconAlertTriangle;
  const beside = [
    of.tries > 0 && of.state !== "delivered" ? words.tries(of.tries) : "",
    of.tries > 0 && of.next_try_at !== null ? words.next(clock(of.next_try_at)) : "",
    of.state === "delivered" ? "" : (of.answer ?? ""),
  ].filter((part) => part !== "");
  return (
    <>
      <span
        className={classes.state}
        data-good={of.state === "delivered" || undefined}
        data-bad={of.state === "given_up" || undefined}
      >
        <Icon size={16} aria-hidden /> {words.states[of.state] ?? of.state}
      </span>
      {beside.length > 0 && <span className={classes.line}>{beside.join(" · ")}</span>}
    </>
  );
}
