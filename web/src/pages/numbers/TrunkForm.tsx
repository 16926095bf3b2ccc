import { Checkbox, NumberInput, PasswordInput, Switch, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { asProblem } from "../../api/problem";
import { addTrunk, changeTrunk, type Trunk, trunks } from "../../api/trunks";
import { FormDialog } from "../../parts/FormDialog";
import { said } from "../../parts/notices";
import words from "../../words/en/numbers";
import classes from "./Numbers.module.css";

const texts = words.trunkForm;
const FIELDS = ["name", "host", "port", "username", "password", "max_channels", "max_cps", "options_interval_s"]; // prettier-ignore

interface Props {
  /** null: a new one. */
  trunk: Trunk | null;
  onClose: () => void;
  onAdded?: (name: string) => void;
}

/** Everything of a trunk; the password goes in and is never shown. */
export function TrunkForm({ trunk, onClose, onAdded }: Props) {
  const client = useQueryClient();
  const [name, setName] = useState(trunk?.name ?? "");
  const [host, setHost] = useState(trunk?.host ?? "");
  const [port, setPort] = useState<number | string>(trunk?.port ?? 5060);
  const [username, setUsername] = useState(trunk?.username ?? "");
  const [password, setPassword] = useState("");
  const [clear, setClear] = useState(false);
  const [register, setRegister] = useState(trunk?.register ?? false);
  const [channels, setChannels] = useState<number | string>(trunk?.max_channels ?? "");
  const [cps, setCps] = useState<number | string>(trunk?.max_cps ?? "");
  const [options, setOptions] = useState<number | string>(trunk?.options_interval_s ?? 30);
  const [enabled, setEnabled] = useState(trunk?.enabled ?? true);

  const save = useMutation({
    mutationFn: () => {
      const values = {
        host: host.trim(),
        port: Number(port) || 5060,
        username: username.trim() || null,
        register,
        max_channels: channels === "" ? null : Number(channels),
        max_cps: cps === "" ? null : Number(cps),
        options_interval_s: options === "" ? 0 : Number(options),
        enabled,
        // Left out, a password stays as it is.
        ...(clear ? { password: null } : password !== "" ? { password } : {}),
      };
      return trunk === null
        ? addTrunk({ name: name.trim(), ...values })
        : changeTrunk(trunk.name, values);
    },
    onSuccess: () => {
      said(trunk === null ? words.trunks.added(name.trim()) : words.trunks.changed(trunk.name));
      void client.invalidateQueries({ queryKey: trunks.queryKey });
      onAdded?.(name.trim());
      onClose();
    },
  });
  const wrong = (field: string) => (save.error ? asProblem(save.error).of(field) : undefined);

  return (
    <FormDialog
      title={trunk === null ? texts.addTitle : texts.editTitle(trunk.name)}
      submit={trunk === null ? texts.add : texts.save}
      onSubmit={() => save.mutate()}
      onClose={onClose}
      pending={save.isPending}
      error={save.error}
      fields={FIELDS}
      disabled={name.trim() === "" || host.trim() === ""}
    >
      {trunk === null && (
        <TextInput
          label={texts.name}
          description={texts.nameHint}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          error={wrong("name")}
          maxLength={200}
          data-autofocus
        />
      )}
      <div className={classes.hostPort}>
        <TextInput
          label={texts.host}
          value={host}
          onChange={(event) => setHost(event.currentTarget.value)}
          error={wrong("host")}
          placeholder="sip.example.net"
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
      <div className={classes.two}>
        <TextInput
          label={texts.username}
          description={texts.usernameHint}
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
          description={trunk?.has_password ? texts.passwordKept : undefined}
          placeholder={trunk?.has_password ? "••••••••" : undefined}
          value={password}
          onChange={(event) => setPassword(event.currentTarget.value)}
          error={wrong("password")}
          disabled={clear}
          autoComplete="new-password"
          inputWrapperOrder={["label", "input", "description", "error"]}
        />
      </div>
      {trunk?.has_password && (
        <Checkbox
          label={texts.clearPassword}
          checked={clear}
          onChange={(event) => setClear(event.currentTarget.checked)}
        />
      )}
      <div className={classes.two}>
        <NumberInput
          label={texts.channels}
          description={texts.limitHint}
          value={channels}
          onChange={setChannels}
          error={wrong("max_channels")}
          min={1}
          allowDecimal={false}
          thousandSeparator
          inputWrapperOrder={["label", "input", "description", "error"]}
        />
        <NumberInput
          label={texts.cps}
          description={texts.limitHint}
          value={cps}
          onChange={setCps}
          error={wrong("max_cps")}
          min={0.01}
          step={1}
          inputWrapperOrder={["label", "input", "description", "error"]}
        />
      </div>
      <div className={classes.two}>
        <NumberInput
          label={texts.options}
          description={texts.optionsHint}
          value={options}
          onChange={setOptions}
          error={wrong("options_interval_s")}
          min={0}
          max={86_400}
          suffix=" s"
          inputWrapperOrder={["label", "input", "description", "error"]}
        />
        <Checkbox
          mt={28}
          label={texts.register}
          description={texts.registerHint}
          checked={register}
          onChange={(event) => setRegister(event.currentTarget.checked)}
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
