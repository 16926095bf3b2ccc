/** A password of one's own: asked for after the one-time password, and whenever one likes. */
import { Alert, Button, PasswordInput, Stack } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { IconAlertCircle } from "@tabler/icons-react";
import { type FormEvent, useState } from "react";

import { useChangePassword, useSession } from "../../api/session";
import { usePageTitle } from "../../parts/Page";
import words from "../../words/en/signIn";
import { SignInFrame } from "./SignInFrame";

const LENGTH_MIN = 12;

/** The whole page after the first sign-in. */
export default function ChangePassword() {
  usePageTitle(words.changeTitle);
  return (
    <SignInFrame title={words.changeTitle} lead={words.changeFirst}>
      <ChangePasswordForm />
    </SignInFrame>
  );
}

/** The form alone, for the page and for a dialog. */
export function ChangePasswordForm({ onDone }: { onDone?: () => void }) {
  const session = useSession().data;
  const change = useChangePassword();
  const [old, setOld] = useState("");
  const [next, setNext] = useState("");
  const [again, setAgain] = useState("");
  const [checked, setChecked] = useState(false);
  const tooShort = next.length < LENGTH_MIN;
  const differ = next !== again;

  const submit = (event: FormEvent): void => {
    event.preventDefault();
    setChecked(true);
    if (tooShort || differ) return;
    change.mutate(
      { old, new: next },
      {
        onSuccess: () => {
          notifications.show({ message: words.changed });
          onDone?.();
        },
      },
    );
  };
  const problem = change.error;
  const unplaced = problem && !problem.of("old") && !problem.of("new");

  return (
    <form onSubmit={submit}>
      <Stack gap="sm">
        {unplaced && (
          <Alert color="red" icon={<IconAlertCircle size={18} />} role="alert">
            {problem.message}
          </Alert>
        )}
        <input type="text" value={session?.user ?? ""} autoComplete="username" readOnly hidden />
        <PasswordInput
          label={words.current}
          value={old}
          onChange={(event) => setOld(event.currentTarget.value)}
          autoComplete="current-password"
          error={problem?.of("old")}
          required
          withAsterisk={false}
          autoFocus
        />
        <PasswordInput
          label={words.next}
          description={words.nextHint}
          value={next}
          onChange={(event) => setNext(event.currentTarget.value)}
          autoComplete="new-password"
          error={(checked && tooShort && words.tooShort) || problem?.of("new")}
          required
          withAsterisk={false}
        />
        <PasswordInput
          label={words.again}
          value={again}
          onChange={(event) => setAgain(event.currentTarget.value)}
          autoComplete="new-password"
          error={checked && !tooShort && differ && words.differ}
          required
          withAsterisk={false}
        />
        <Button type="submit" size="md" mt={6} loading={change.isPending} fullWidth>
          {words.change}
        </Button>
      </Stack>
    </form>
  );
}
