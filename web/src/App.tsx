/** Signed in or not, and which page an address means. Every page comes in a file of its own. */
import { useMantineColorScheme } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { lazy, Suspense, useEffect } from "react";
import { Redirect, Route, Switch, useRoute } from "wouter";

import { whenSignedOut } from "./api/client";
import { SESSION_KEY, useSession } from "./api/session";
import { useSystemSettings } from "./api/systemSettings";
import { Layout } from "./layout/Layout";
import { start } from "./live/store";
import { Failure } from "./parts/Failure";
import { setZone } from "./parts/format";
import { Guard } from "./parts/Guard";
import { Lifecycle } from "./parts/lifecycle/Lifecycle";
import { Waiting } from "./parts/Waiting";
import ChangePassword from "./pages/sign-in/ChangePassword";
import SignIn from "./pages/sign-in/SignIn";

const Campaigns = lazy(() => import("./pages/campaigns/Campaigns"));
const Campaign = lazy(() => import("./pages/campaign/Campaign"));
const Agents = lazy(() => import("./pages/agents/Agents"));
const NewCampaign = lazy(() => import("./pages/new-campaign/NewCampaign"));
const Lists = lazy(() => import("./pages/lists/Lists"));
const Numbers = lazy(() => import("./pages/numbers/Numbers"));
const DoNotCall = lazy(() => import("./pages/do-not-call/DoNotCall"));
const Reports = lazy(() => import("./pages/reports/Reports"));
const Simulate = lazy(() => import("./pages/simulate/Simulate"));
const Settings = lazy(() => import("./pages/settings/Settings"));
const Wallboard = lazy(() => import("./pages/wallboard/Wallboard"));
const NotFound = lazy(() => import("./pages/not-found/NotFound"));

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
  if (session.data === null) return <SignIn />;
  if (session.data.must_change_password) return <ChangePassword />;
  if (session.data.role === "agent") return <ToTheDesk />;
  return <SignedIn />;
}

/** Agents work on a page of their own; nothing here is for them. */
function ToTheDesk() {
  useEffect(() => location.replace("/desk"), []);
  return <Waiting fill />;
}

function SignedIn() {
  useEffect(start, []);
  const [onTheWall] = useRoute("/wallboard");
  useChosenTheme(!onTheWall); // which has one of its own
  useChosenZone();
  if (onTheWall) {
    return (
      <Guard>
        <Suspense fallback={<Waiting fill />}>
          <Wallboard />
        </Suspense>
      </Guard>
    );
  }
  return (
    <Lifecycle>
      <Layout>
      <Switch>
        <Route path="/">
          <Redirect to="/campaigns" replace />
        </Route>
        <Route path="/campaigns" component={Campaigns} />
        <Route path="/campaigns/new" component={NewCampaign} />
        <Route path="/campaigns/:id/:tab?">
          {({ id, tab }) => <Campaign key={id} reference={id} tab={tab ?? "overview"} />}
        </Route>
        <Route path="/agents" component={Agents} />
        <Route path="/lists/*?" component={Lists} />
        <Route path="/numbers/*?" component={Numbers} />
        <Route path="/do-not-call/*?" component={DoNotCall} />
        <Route path="/reports/*?" component={Reports} />
        <Route path="/simulate" component={Simulate} />
        <Route path="/settings/*?" component={Settings} />
        <Route component={NotFound} />
      </Switch>
      </Layout>
    </Lifecycle>
  );
}

function useChosenTheme(heeded: boolean): void {
  const { setColorScheme } = useMantineColorScheme();
  const chosen = useSession().data?.preferences.theme;
  useEffect(() => {
    if (heeded && chosen !== undefined) setColorScheme(chosen);
  }, [heeded, chosen, setColorScheme]);
}

function useChosenZone(): void {
  const mine = useSession().data?.preferences.time_zone;
  const everybodys = useSystemSettings().data?.settings.time_zone;
  setZone(mine ?? everybodys);
}
