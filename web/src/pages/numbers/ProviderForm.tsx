import { NumberInput, PasswordInput, Select, Switch, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { asProblem } from "../../api/problem";
import { addProvider, changeProvider, type NewProvider, type Provider, providers } from "../../api/providers";
import { FormDialog } from "../../parts/FormDialog";
import { said } from "../../parts/notices";
import messages from "../../words/en/messages";
import classes from "./Numbers.module.css";

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
  const client = useQueryClient();
  const [name, setName] = useState(provider?.name ?? "");
  const [kind, setKind] = useState(String(provider?.options["kind"] ?? "smpp"));
  const [host, setHost] = useState(provider?.host ?? "");
  const [port, setPort] = useState<number | string>(provider?.port ?? PORTS[kind] ?? "");
  const [tls, setTls] = useState<string>(provider?.tls ?? "none");
  const [username, setUsername] = useState(provider?.username ?? "");
  const [password, setPassword] = useState("");
  const [rate, setRate] = useState<number | string>(provider?.max_per_s ?? "");
  const [window, setWindow] = useState<number | string>(provider?.window_size ?? 10);
  const [enabled, setEnabled] = useState(provider?.enabled ?? true);

  const save = useMutation({
    mutationFn: () => {
      const values = {
        host: host.trim(),
        port: Number(port) || PORTS[kind] || 0,
        tls: tls as NewProvider["tls"],
        username: username.trim() || null,
        max_per_s: rate === "" ? null : Number(rate),
        window_size: Number(window) || 10,
        enabled,
        // Left out, a password stays as it is.
        ...(password !== "" ? { password } : {}),
      };
      return provider === null
        ? addProvider({ name: name.trim(), ...values, options: { kind } } as NewProvider)
        : changeProvider(provider.name, values);
    },
    onSuccess: () => {
      said(provider === null ? list.added(name.trim()) : list.changed(provider.name));
      void client.invalidateQueries({ queryKey: providers.queryKey });
      onAdded?.(name.trim());
      onClose();
    },
  });
  const wrong = (field: string) => (save.error ? asProblem(save.error).of(field) : undefined);

  return (
    <FormDialog
      title={provider === null ? texts.addTitle : texts.editTitle(provider.name)}
      submit={provider === null ? texts.addButton : texts.save}
      onSubmit={() => save.mutate()}
      onClose={onClose}
      pending={save.isPending}
      error={save.error}
      fields={FIELDS}
      disabled={name.trim() === "" || host.trim() === ""}
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
              setPort(PORTS[chosen] ?? "");
            }}
            allowDeselect={false}
          />
        </div>
      )}
      <div className={classes.hostPort}>
        <TextInput
          label={texts.host}
          value={host}
          onChange={(event) => setHost(event.currentTarget.value)}
          error={wrong("host")}
          placeholder="smsc.example.net"
          spellCheck={false}
          autoCapitalize="none"
        />
        <NumberInput
          label={texts.port}
          value={port}
          onChange={setPort}
          error={wrong("port")}
          min={1}
          max={65535}
          allowDecimal={false}
          thousandSeparator=""
        />
      </div>
      <Select
        label={texts.tls}
        data={Object.entries(texts.tlses)
          .filter(([value]) => value !== "starttls" || kind === "smtp")
          .map(([value, label]) => ({ value, label }))}
        value={tls}
        onChange={(chosen) => chosen && setTls(chosen)}
        allowDeselect={false}
        error={wrong("tls")}
      />
      <div className={classes.two}>
        <TextInput
          label={texts.username}
          description={texts.usernameHints[kind]}
          value={username}
          onChange={(event) => setUsername(event.currentTarget.value)}
          error={wrong("username")}
          autoComplete="off"
          spellCheck={false}
          autoCapitalize="none"
          inputWrapperOrder={["label", "input", "description", "error"]}
        />
        <PasswordInput
          label={texts.password}
          description={provider?.has_password ? texts.passwordKept : undefined}
          placeholder={provider?.has_password ? "••••••••" : undefined}
          value={password}
          onChange={(event) => setPassword(event.currentTarget.value)}
          error={wrong("password")}
          autoComplete="new-password"
          inputWrapperOrder={["label", "input", "description", "error"]}
        />
      </div>
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
