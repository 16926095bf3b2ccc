/** What is yours, what is everybody's, who may come in, and what runs. */
import { Tabs } from "@mantine/core";
import { lazy, Suspense } from "react";
import { useLocation } from "wouter";

import { Page } from "../../parts/Page";
import { Waiting } from "../../parts/Waiting";
import words from "../../words/en/settings";
import classes from "./Settings.module.css";
import { Yours } from "./Yours";

const Everybody = lazy(() => import("./Everybody"));
const Users = lazy(() => import("./Users"));
const Keys = lazy(() => import("./Keys"));
const Notifications = lazy(() => import("./Notifications"));
const Machines = lazy(() => import("./Machines"));

const TABS = ["yours", "everybody", "users", "keys", "notifications", "machines"] as const;
type Tab = (typeof TABS)[number];

export default function Settings() {
  const [location, go] = useLocation();
  const named = location.split("/")[2] as Tab | undefined;
  const tab: Tab = named && TABS.includes(named) ? named : "yours";
  return (
    <Page title={words.title}>
      <Tabs
        value={tab}
        onChange={(next) => go(`/settings/${next}`)}
        keepMounted={false}
        classNames={{ list: classes.tabs }}
      >
        <Tabs.List>
          {TABS.map((each) => (
            <Tabs.Tab key={each} value={each}>
              {words.tabs[each]}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Suspense fallback={<Waiting />}>
          <Tabs.Panel value="yours">
            <Yours />
          </Tabs.Panel>
          <Tabs.Panel value="everybody">
            <Everybody />
          </Tabs.Panel>
          <Tabs.Panel value="users">
            <Users />
          </Tabs.Panel>
          <Tabs.Panel value="keys">
            <Keys />
          </Tabs.Panel>
          <Tabs.Panel value="notifications">
            <Notifications />
          </Tabs.Panel>
          <Tabs.Panel value="machines">
            <Machines />
          </Tabs.Panel>
        </Suspense>
      </Tabs>
    </Page>
  );
}
