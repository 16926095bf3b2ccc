/** One campaign: how it stands, what it does, and the button that pauses it. */
import { Button, Tabs } from "@mantine/core";
import { IconMoodEmpty } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense, useEffect } from "react";
import { Link, useLocation } from "wouter";

import { campaignView } from "../../api/campaign";
import { asProblem } from "../../api/problem";
import type { Campaign as Shown } from "../../live/state";
import { answered, useLive } from "../../live/store";
import { Empty } from "../../parts/Empty";
import { Failure } from "../../parts/Failure";
import { PauseButton } from "../../parts/lifecycle/PauseButton";
import { usePageTitle } from "../../parts/Page";
import { Waiting } from "../../parts/Waiting";
import layout from "../../words/en/layout";
import words from "../../words/en/campaign";
import messages from "../../words/en/messages";
import classes from "./Campaign.module.css";
import { Head } from "./Head";
import { Notices } from "./Notices";
import { Overview } from "./Overview";

const Agents = lazy(() => import("./Agents"));
const Leads = lazy(() => import("./Leads"));
const Calls = lazy(() => import("./Calls"));
const Messages = lazy(() => import("./Messages"));
const Settings = lazy(() => import("./Settings"));
const History = lazy(() => import("./History"));

const TABS = ["overview", "leads", "calls", "agents", "settings", "history"] as const;
type Tab = (typeof TABS)[number];

const WHY_EVERY_MS = 4_000;

/** `reference` is the id, or the name, as in the address. */
export default function Campaign({ reference, tab }: { reference: string; tab: string }) {
  const name = decodeURIComponent(reference);
  const live = useLive((now) => {
    const byId = /^\d+$/.test(name) ? now.campaigns.get(Number(name)) : undefined;
    return byId ?? [...now.campaigns.values()].find((campaign) => campaign.name === name);
  });
  // The stream leaves out why a campaign dials nothing, and tells what a pause waits for when that
  // changes and not as time passes: both are asked for meanwhile.
  const asked = useQuery({
    ...campaignView(live?.id ?? name),
    refetchInterval: live?.status === "running" || live?.resumption ? WHY_EVERY_MS : false,
  });
  useEffect(() => {
    if (asked.data) answered(asked.data);
  }, [asked.data]);

  const campaign = live ?? asked.data;
  if (campaign === undefined) {
    if (asked.isPending) return <Waiting />;
    if (asProblem(asked.error).status !== 404) {
      return <Failure problem={asked.error} again={() => void asked.refetch()} />;
    }
    return (
      <Empty
        icon={<IconMoodEmpty size={32} stroke={1.5} />}
        title={words.notFound}
        hint={words.notFoundHint}
        action={
          <Button component={Link} href="/campaigns" variant="default">
            {layout.toCampaigns}
          </Button>
        }
      />
    );
  }
  return <Found campaign={campaign} tab={TABS.find((each) => each === tab) ?? "overview"} />;
}

function Found({ campaign, tab }: { campaign: Shown; tab: Tab }) {
  const [, navigate] = useLocation();
  usePageTitle(campaign.name);
  const path = `/campaigns/${campaign.id}`;
  const to = (value: string | null): void => {
    navigate(value === null || value === "overview" ? path : `${path}/${value}`, { replace: true });
  };
  return (
    <>
      <Head campaign={campaign} />
      <Notices campaign={campaign} />
      <Tabs value={tab} onChange={to} keepMounted={false} classNames={{ list: classes.tabs }}>
        <Tabs.List>
          {TABS.map((each) => (
            <Tabs.Tab key={each} value={each}>
              {each === "calls" && campaign.channel !== "voice" ? messages.tabs : words.tabs[each]}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        {TABS.map((each) => (
          <Tabs.Panel key={each} value={each} pt="md">
            <Suspense fallback={<Waiting />}>
              {each === "overview" && <Overview campaign={campaign} />}
              {each === "leads" && <Leads id={campaign.id} channel={campaign.channel} />}
              {each === "calls" &&
                (campaign.channel === "voice" ? (
                  <Calls id={campaign.id} />
                ) : (
                  <Messages id={campaign.id} />
                ))}
              {each === "agents" && <Agents campaign={campaign} />}
              {each === "settings" && <Settings campaign={campaign} />}
              {each === "history" && <History campaign={campaign} />}
            </Suspense>
          </Tabs.Panel>
        ))}
      </Tabs>
      <PauseButton campaign={campaign} />
    </>
  );
}
