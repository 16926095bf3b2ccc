/** Name and password, and nothing else. */
import { Alert, Button, PasswordInput, Stack, Text, TextInput } from "@mantine/core";
import { IconAlertCircle } from "@tabler/icons-react";
import { type FormEvent, useState } from "react";

import { useSignIn } from "../../api/session";
import { usePageTitle } from "../../parts/Page";
import words from "../../words/en/signIn";
import { SignInFrame } from "./SignInFrame";

interface Props {
  /** What one signs in to. */
  lead?: string;
  /** Where a name and a password come from. */
  hint?: string;
}

export default function SignIn({ lead = words.lead, hint = words.firstTime }: Props) {
  usePageTitle(words.title);
  const signIn = useSignIn();
  const [name, setName] = useState("");
  const [password, setPassword] = useState("");

  const submit = (event: FormEvent): void => {
    event.preventDefault();
    signIn.mutate({ name, password });
  };

  return (
    <SignInFrame title={words.title} lead={lead}>
      <form onSubmit={submit}>
        <Stack gap="sm">
          {signIn.error && (
            <Alert color="red" icon={<IconAlertCircle size={18} />} role="alert">
              {signIn.error.status === 401 ? words.wrong : signIn.error.message}
            </Alert>
          )}
          <TextInput
            label={words.name}
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
            autoComplete="username"
            autoCapitalize="none"
            required
            withAsterisk={false}
            data-autofocus
            autoFocus
          />
          <PasswordInput
            label={words.password}
            value={password}
            onChange={(event) => setPassword(event.currentTarget.value)}
            autoComplete="current-password"
            required
            withAsterisk={false}
          />
          <Button type="submit" size="md" mt={6} loading={signIn.isPending} fullWidth>
            {words.submit}
          </Button>
          <Text size="xs" c="dimmed">
            {hint}
          </Text>
        </Stack>
      </form>
    </SignInFrame>
  );
}
