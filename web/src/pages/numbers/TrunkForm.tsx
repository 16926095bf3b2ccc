import { Checkbox, NumberInput, Switch, TextInput } from "@mantine/core";
import { useState } from "react";

import { addTrunk, changeTrunk, type Trunk, trunks } from "../../api/trunks";
import { FormDialog } from "../../parts/FormDialog";
import { useSave } from "../../parts/useSave";
import words from "../../words/en/numbers";
import classes from "./Numbers.module.css";
import { HostPort, Login, type Server, serverOf } from "./ServerFields";

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
  const [name, setName] = useState(trunk?.name ?? "");
  const [server, setServer] = useState(serverOf(trunk, 5060));
  const [clear, setClear] = useState(false);
  const [register, setRegister] = useState(trunk?.register ?? false);
  const [channels, setChannels] = useState<number | string>(trunk?.max_channels ?? "");
  const [cps, setCps] = useState<number | string>(trunk?.max_cps ?? "");
  const [options, setOptions] = useState<number | string>(trunk?.options_interval_s ?? 30);
  const [enabled, setEnabled] = useState(trunk?.enabled ?? true);

  const save = () => {
    const values = {
      host: server.host.trim(),
      port: Number(server.port) || 5060,
      username: server.username.trim() || null,
      register,
      max_channels: channels === "" ? null : Number(channels),
      max_cps: cps === "" ? null : Number(cps),
      options_interval_s: options === "" ? 0 : Number(options),
      enabled,
      // Left out, a password stays as it is.
      ...(clear ? { password: null } : server.password !== "" ? { password: server.password } : {}),
    };
    return trunk === null
      ? addTrunk({ name: name.trim(), ...values })
      : changeTrunk(trunk.name, values);
  };
  const { wrong, form } = useSave({
    save,
    says: () =>
      trunk === null ? words.trunks.added(name.trim()) : words.trunks.changed(trunk.name),
    stale: trunks.queryKey,
    onSaved: () => onAdded?.(name.trim()),
    onClose,
  });
  const change = (part: Partial<Server>) => setServer((now) => ({ ...now, ...part }));

  return (
    <FormDialog
      title={trunk === null ? texts.addTitle : texts.editTitle(trunk.name)}
      submit={trunk === null ? texts.add : texts.save}
      fields={FIELDS}
      disabled={name.trim() === "" || server.host.trim() === ""}
      {...form}
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
      <HostPort
        texts={texts}
        value={server}
        onChange={change}
        wrong={wrong}
        placeholder="sip.example.net"
      />
      <Login
        texts={texts}
        value={server}
        onChange={change}
        wrong={wrong}
        hint={texts.usernameHint}
        kept={trunk?.has_password ?? false}
        clear={clear}
      />
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
