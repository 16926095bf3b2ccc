import {
  Checkbox,
  NumberInput,
  PasswordInput,
  SegmentedControl,
  Select,
  Stack,
  Switch,
  Text,
  TextInput,
} from "@mantine/core";
import { useState } from "react";

import {
  addRecipient,
  changeRecipient,
  type Event,
  type NewRecipient,
  type Recipient,
  recipients,
} from "../../api/notifications";
import { FormDialog } from "../../parts/FormDialog";
import { useSave } from "../../parts/useSave";
import words from "../../words/en/notifications";
import classes from "./Settings.module.css";

const texts = words.form;
const EVENTS = Object.keys(words.events) as Event[];
const FIELDS = ["name", "secret", "events", "destination.webhook.url"].concat(
  ["host", "port", "username", "sender", "to", "to.0"].map((name) => `destination.email.${name}`),
);

type Destination = NewRecipient["destination"];
type Webhook = Extract<Destination, { kind: "webhook" }>;
type Email = Extract<Destination, { kind: "email" }>;
type Mail = Required<Omit<Email, "kind" | "to" | "username">> & { username: string; to: string };

const NO_MAIL: Mail = { host: "", port: 587, tls: "starttls", username: "", sender: "", to: "" };

interface Props {
  /** null: a new one. */
  recipient: Recipient | null;
  onClose: () => void;
  /** A key was made, to be shown this once. */
  onSecret: (name: string, secret: string) => void;
}

/** Whom to tell what. The secret goes in and is never shown again. */
export function RecipientForm({ recipient, onClose, onSecret }: Props) {
  const was = recipient?.destination;
  const [name, setName] = useState(recipient?.name ?? "");
  const [kind, setKind] = useState<Destination["kind"]>(was?.kind ?? "webhook");
  const [url, setUrl] = useState(was?.kind === "webhook" ? was.url : "");
  const [mail, setMail] = useState<Mail>(was?.kind === "email" ? mailOf(was) : NO_MAIL);
  const [secret, setSecret] = useState("");
  const [events, setEvents] = useState<Event[]>(recipient?.events ?? EVENTS);
  const [enabled, setEnabled] = useState(recipient?.enabled ?? true);

  const save = async () => {
    const values = {
      destination: kind === "webhook" ? webhook(url) : email(mail),
      events,
      enabled,
      // Left out, a secret stays as it is.
      ...(secret !== "" ? { secret } : {}),
      ...(kind === "email" && mail.username.trim() === "" ? { secret: null } : {}),
    };
    if (recipient !== null) await changeRecipient(recipient.name, values);
    else {
      const made = await addRecipient({ name: name.trim(), ...values });
      if (made.secret !== null) onSecret(made.name, made.secret);
    }
  };
  const { wrong, form } = useSave({
    save,
    says: () => (recipient === null ? words.added(name.trim()) : words.changed(recipient.name)),
    stale: recipients.queryKey,
    onClose,
  });
  const changeMail = (part: Partial<Mail>) => setMail((now) => ({ ...now, ...part }));

  return (
    <FormDialog
      title={recipient === null ? texts.addTitle : texts.editTitle(recipient.name)}
      submit={recipient === null ? texts.add : texts.save}
      fields={FIELDS}
      disabled={name.trim() === "" || events.length === 0 || !isWhole(kind, url, mail)}
      {...form}
    >
      {recipient === null && (
        <>
          <TextInput
            label={words.name}
            description={texts.nameHint}
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
            error={wrong("name")}
            maxLength={200}
            data-autofocus
          />
          <SegmentedControl
            aria-label={texts.kind}
            data={(["webhook", "email"] as const).map((value) => ({
              value,
              label: texts.kinds[value],
            }))}
            value={kind}
            onChange={setKind}
          />
        </>
      )}
      {kind === "webhook" ? (
        <>
          <TextInput
            label={texts.url}
            description={texts.urlHint}
            value={url}
            onChange={(event) => setUrl(event.currentTarget.value)}
            error={wrong("destination.webhook.url")}
            placeholder="https://hooks.example.org/caesura"
            spellCheck={false}
            autoCapitalize="none"
            inputMode="url"
          />
          <PasswordInput
            label={texts.key}
            description={recipient?.has_secret ? texts.keyKept : texts.keyNew}
            value={secret}
            onChange={(event) => setSecret(event.currentTarget.value)}
            error={wrong("secret")}
            autoComplete="new-password"
          />
        </>
      ) : (
        <MailFields
          value={mail}
          onChange={changeMail}
          password={secret}
          onPassword={setSecret}
          kept={recipient?.has_secret ?? false}
          wrong={wrong}
        />
      )}
      <Checkbox.Group
        label={texts.told}
        value={events}
        onChange={(chosen) => setEvents(chosen as Event[])}
        error={wrong("events")}
      >
        <Stack gap={8} mt={6}>
          {EVENTS.map((event) => (
            <Checkbox key={event} value={event} label={words.events[event]} />
          ))}
        </Stack>
      </Checkbox.Group>
      {recipient !== null && (
        <Switch
          label={texts.enabled}
          checked={enabled}
          onChange={(event) => setEnabled(event.currentTarget.checked)}
        />
      )}
    </FormDialog>
  );
}

interface MailProps {
  value: Mail;
  onChange: (part: Partial<Mail>) => void;
  password: string;
  onPassword: (password: string) => void;
  kept: boolean;
  wrong: (field: string) => string | undefined;
}

function MailFields({ value, onChange, password, onPassword, kept, wrong }: MailProps) {
  const at = (field: string) => wrong(`destination.email.${field}`);
  return (
    <>
      <TextInput
        label={texts.to}
        description={texts.toHint}
        value={value.to}
        onChange={(event) => onChange({ to: event.currentTarget.value })}
        error={at("to") ?? at("to.0")}
        placeholder="dana@example.org"
        inputMode="email"
        autoCapitalize="none"
      />
      <TextInput
        label={texts.sender}
        value={value.sender}
        onChange={(event) => onChange({ sender: event.currentTarget.value })}
        error={at("sender")}
        placeholder="caesura@example.org"
        inputMode="email"
        autoCapitalize="none"
      />
      <div className={classes.three}>
        <TextInput
          label={texts.host}
          value={value.host}
          onChange={(event) => onChange({ host: event.currentTarget.value })}
          error={at("host")}
          placeholder="mail.example.org"
          spellCheck={false}
          autoCapitalize="none"
        />
        <NumberInput
          label={texts.port}
          value={value.port}
          onChange={(port) => typeof port === "number" && onChange({ port })}
          error={at("port")}
          min={1}
          max={65535}
          allowDecimal={false}
          thousandSeparator=""
        />
        <Select
          label={texts.tls}
          data={Object.entries(texts.tlses).map(([tls, label]) => ({ value: tls, label }))}
          value={value.tls}
          onChange={(tls) => tls && onChange({ tls: tls as Mail["tls"] })}
          allowDeselect={false}
        />
      </div>
      <div className={classes.two}>
        <TextInput
          label={texts.username}
          value={value.username}
          onChange={(event) => onChange({ username: event.currentTarget.value })}
          error={at("username")}
          autoComplete="off"
          autoCapitalize="none"
        />
        <PasswordInput
          label={texts.password}
          value={password}
          onChange={(event) => onPassword(event.currentTarget.value)}
          error={wrong("secret")}
          disabled={value.username.trim() === ""}
          autoComplete="new-password"
        />
      </div>
      {kept && (
        <Text size="xs" c="dimmed">
          {texts.passwordKept}
        </Text>
      )}
    </>
  );
}

function mailOf(was: Extract<Recipient["destination"], { kind: "email" }>): Mail {
  const { host, port, tls, username, sender, to } = was;
  return { host, port, tls, username: username ?? "", sender, to: to.join(", ") };
}

function webhook(url: string): Webhook {
  return { kind: "webhook", url: url.trim() };
}

function email(mail: Mail): Email {
  return {
    ...mail,
    kind: "email",
    host: mail.host.trim(),
    username: mail.username.trim() || null,
    to: addresses(mail.to),
  };
}

function addresses(text: string): string[] {
  return text
    .split(/[,;\s]+/)
    .map((each) => each.trim())
    .filter((each) => each !== "");
}

function isWhole(kind: Destination["kind"], url: string, mail: Mail): boolean {
  if (kind === "webhook") return url.trim() !== "";
  return [mail.host, mail.sender].every((text) => text.trim() !== "") && addresses(mail.to).length > 0;
}
