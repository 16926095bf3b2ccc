/** Signed in or not, an agent or not, and in which tab the calls are. */
import { Button, Group, useMantineColorScheme } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { IconDevices, IconHeadsetOff } from "@tabler/icons-react";
import { useEffect } from "react";

import { whenSignedOut } from "../api/client";
import { SESSION_KEY, useSession, useSignOut } from "../api/session";
import { Empty } from "../parts/Empty";
import { Failure } from "../parts/Failure";
import { setZone } from "../parts/format";
import { Waiting } from "../parts/Waiting";
import ChangePassword from "../pages/sign-in/ChangePassword";
import SignIn from "../pages/sign-in/SignIn";
import words from "../words/en/desk";
import classes from "./Desk.module.css";
import { DeskPage } from "./DeskPage";
import { useOnlyTab } from "./onlyTab";
import { start, useDeskState } from "./store";

export function App() {
  const session = useSession();
  const client = useQueryClient();
  useEffect(() => {
    whenSignedOut(() => client.setQueryData(SESSION_KEY, null));
  }, [client]);
  if (session.isPending) return <Waiting fill />;
  if (session.data === undefined) {
    return <Failure problem={session.error} again={() => void session.refetch()} fill />;
  }
  if (session.data === null) return <SignIn lead={words.signInLead} hint={words.signInHint} />;
  if (session.data.must_change_password) return <ChangePassword />;
  return <SignedIn />;
}

function SignedIn() {
  useEffect(start, []);
  useChoices();
  const refused = useDeskState((now) => now.refused);
  const known = useDeskState((now) => now.desk !== null);
  const [tab, useItHere] = useOnlyTab();
  if (refused) return <NotAnAgent />;
  if (!known || tab === "asking") return <Waiting fill />;
  if (tab === "elsewhere") {
    return (
      <main className={classes.alone}>
        <Empty
          icon={<IconDevices size={36} stroke={1.5} />}
          title={words.elsewhere.tabTitle}
          hint={words.elsewhere.tabHint}
          action={<Button onClick={useItHere}>{words.elsewhere.here}</Button>}
        />
      </main>
    );
  }
  return <DeskPage />;
}

function NotAnAgent() {
  const user = useSession().data?.user ?? "";
  const signOut = useSignOut();
  const texts = words.notAgent;
  return (
    <main className={classes.alone}>
      <Empty
        icon={<IconHeadsetOff size={36} stroke={1.5} />}
        title={texts.title(user)}
        hint={texts.hint}
        action={
          <Group gap="xs">
            <Button component="a" href="/">
              {texts.dashboard}
            </Button>
            <Button variant="default" onClick={() => signOut.mutate()}>
              {texts.signOut}
            </Button>
          </Group>
        }
      />
    </main>
  );
}

/** The look and the clock that the agent chose. */
function useChoices(): void {
  const { setColorScheme } = useMantineColorScheme();
  const chosen = useSession().data?.preferences;
  useEffect(() => {
    if (chosen?.theme !== undefined) setColorScheme(chosen.theme);
  }, [chosen?.theme, setColorScheme]);
  setZone(chosen?.time_zone);
}
