/** Fields that trunks and providers have alike: where the server is, and who we are to it. */
import { NumberInput, PasswordInput, TextInput } from "@mantine/core";

import classes from "./Numbers.module.css";

/** As it is typed. */
export interface Server {
  host: string;
  port: number | string;
  username: string;
  /** Empty: none is set, or the one that is set stays. */
  password: string;
}

interface Known {
  host: string;
  port: number;
  username: string | null;
}

export function serverOf(known: Known | null, port: number | string): Server {
  return {
    host: known?.host ?? "",
    port: known?.port ?? port,
    username: known?.username ?? "",
    password: "",
  };
}

interface Props<Texts extends string> {
  texts: Record<Texts, string>;
  value: Server;
  onChange: (part: Partial<Server>) => void;
  wrong: (field: string) => string | undefined;
}

type HostPortProps = Props<"host" | "port"> & { placeholder: string };

export function HostPort({ texts, value, onChange, wrong, placeholder }: HostPortProps) {
  return (
    <div className={classes.hostPort}>
      <TextInput
        label={texts.host}
        value={value.host}
        onChange={(event) => onChange({ host: event.currentTarget.value })}
        error={wrong("host")}
        placeholder={placeholder}
        spellCheck={false}
        autoCapitalize="none"
      />
      <NumberInput
        label={texts.port}
        value={value.port}
        onChange={(port) => onChange({ port })}
        error={wrong("port")}
        min={1}
        max={65535}
        allowDecimal={false}
        thousandSeparator=""
      />
    </div>
  );
}

interface LoginProps extends Props<"username" | "password" | "passwordKept"> {
  hint: string | undefined;
  /** A password is set already. */
  kept: boolean;
  /** The password is to be forgotten. */
  clear?: boolean;
}

export function Login({ texts, value, onChange, wrong, hint, kept, clear }: LoginProps) {
  return (
    <div className={classes.two}>
      <TextInput
        label={texts.username}
        description={hint}
        value={value.username}
        onChange={(event) => onChange({ username: event.currentTarget.value })}
        error={wrong("username")}
        autoComplete="off"
        spellCheck={false}
        autoCapitalize="none"
        inputWrapperOrder={["label", "input", "description", "error"]}
      />
      <PasswordInput
        label={texts.password}
        description={kept ? texts.passwordKept : undefined}
        placeholder={kept ? "••••••••" : undefined}
        value={value.password}
        onChange={(event) => onChange({ password: event.currentTarget.value })}
        error={wrong("password")}
        disabled={clear}
        autoComplete="new-password"
        inputWrapperOrder={["label", "input", "description", "error"]}
      />
    </div>
  );
}
