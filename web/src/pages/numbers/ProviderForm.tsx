import { NumberInput, Select, Switch, TextInput } from "@mantine/core";
import { useState } from "react";

import { addProvider, changeProvider, type NewProvider, type Provider, providers } from "../../api/providers";
import { FormDialog } from "../../parts/FormDialog";
import { useSave } from "../../parts/useSave";
import messages from "../../words/en/messages";
import classes from "./Numbers.module.css";
import { HostPort, Login, type Server, serverOf } from "./ServerFields";
import { type Tls, tlsOf, wantsTls, waysOf } from "./tls";

const texts = messages.providerForm;
const list = messages.providers;
const FIELDS = ["name", "host", "port", "tls", "username", "password", "max_per_s", "window_size"];
const PORTS: Record<string, number> = { smpp: 2775, http: 443, smtp: 587 };

interface Props {
  /** null: a new one. */
  provider: Provider | null;
  onClose: () => void;
  onAdded?: (name: string) => void;
}

/** What most providers need; the password goes in and is never shown. */
export function ProviderForm({ provider, onClose, onAdded }: Props) {
  const [name, setName] = useState(provider?.name ?? "");
  const [kind, setKind] = useState(String(provider?.options["kind"] ?? "smpp"));
  const [server, setServer] = useState(serverOf(provider, PORTS[kind] ?? ""));
  const [tls, setTls] = useState<Tls>(provider?.tls ?? "none");
  const [rate, setRate] = useState<number | string>(provider?.max_per_s ?? "");
  const [window, setWindow] = useState<number | string>(provider?.window_size ?? 10);
  const [enabled, setEnabled] = useState(provider?.enabled ?? true);

  const save = () => {
    const values = {
      host: server.host.trim(),
      port: Number(server.port) || PORTS[kind] || 0,
      tls,
      username: server.username.trim() || null,
      max_per_s: rate === "" ? null : Number(rate),
      window_size: Number(window) || 10,
      enabled,
      // Left out, a password stays as it is.
      ...(server.password !== "" ? { password: server.password } : {}),
    };
    return provider === null
      ? addProvider({ name: name.trim(), ...values, options: { kind } } as NewProvider)
      : changeProvider(provider.name, values);
  };
  const { wrong, form } = useSave({
    save,
    says: () => (provider === null ? list.added(name.trim()) : list.changed(provider.name)),
    stale: providers.queryKey,
    onSaved: () => onAdded?.(name.trim()),
    onClose,
  });
  const change = (part: Partial<Server>) => setServer((now) => ({ ...now, ...part }));

  return (
    <FormDialog
      title={provider === null ? texts.addTitle : texts.editTitle(provider.name)}
      submit={provider === null ? texts.addButton : texts.save}
      fields={FIELDS}
      disabled={name.trim() === "" || server.host.trim() === ""}
      {...form}
    >
      {provider === null && (
        <div className={classes.two}>
          <TextInput
            label={list.name}
            description={texts.nameHint}
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
            error={wrong("name")}
            maxLength={200}
            data-autofocus
            inputWrapperOrder={["label", "input", "description", "error"]}
          />
          <Select
            label={texts.kind}
            data={Object.entries(list.kinds).map(([value, label]) => ({ value, label }))}
            value={kind}
            onChange={(chosen) => {
              if (!chosen) return;
              setKind(chosen);
              change({ port: PORTS[chosen] ?? "" });
              setTls(wantsTls(chosen, PORTS[chosen] ?? "") ? "tls" : tlsOf(chosen, tls));
            }}
            allowDeselect={false}
          />
        </div>
      )}
      <HostPort
        texts={texts}
        value={server}
        onChange={(part) => {
          change(part);
          if (tls === "none" && part.port !== undefined && wantsTls(kind, part.port)) setTls("tls");
        }}
        wrong={wrong}
        placeholder="smsc.example.net"
      />
      <Select
        label={texts.tls}
        data={waysOf(kind).map((value) => ({ value, label: texts.tlses[value] }))}
        value={tls}
        onChange={(chosen) => chosen && setTls(chosen as Tls)}
        allowDeselect={false}
        error={wrong("tls")}
      />
      <Login
        texts={texts}
        value={server}
        onChange={change}
        wrong={wrong}
        hint={texts.usernameHints[kind]}
        kept={provider?.has_password ?? false}
      />
      <div className={classes.two}>
        <NumberInput
          label={texts.rate}
          description={texts.rateHint}
          value={rate}
          onChange={setRate}
          error={wrong("max_per_s")}
          min={0.01}
          inputWrapperOrder={["label", "input", "description", "error"]}
        />
        <NumberInput
          label={texts.window}
          description={texts.windowHint}
          value={window}
          onChange={setWindow}
          error={wrong("window_size")}
          min={1}
          allowDecimal={false}
          inputWrapperOrder={["label", "input", "description", "error"]}
        />
      </div>
      <Switch
        label={texts.enabled}
        description={texts.enabledHint}
        checked={enabled}
        onChange={(event) => setEnabled(event.currentTarget.checked)}
      />
    </FormDialog>
  );
}
