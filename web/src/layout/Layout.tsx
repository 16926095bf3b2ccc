/** The frame around every page: navigation, account, and whether what is shown is live. */
import { ActionIcon, Burger, Drawer, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import {
  IconChartDots3,
  IconChartHistogram,
  IconDeviceTv,
  IconHash,
  IconHeadset,
  IconPhoneOff,
  IconPlayerPause,
  IconSettings,
  IconUsers,
} from "@tabler/icons-react";
import { type ComponentType, type ReactNode, Suspense, useEffect, useRef } from "react";
import { Link, useLocation } from "wouter";

import { Guard } from "../parts/Guard";
import { Waiting } from "../parts/Waiting";
import common from "../words/en/common";
import words from "../words/en/layout";
import { Account } from "./Account";
import { ConnectionBanner, ConnectionDot } from "./ConnectionState";
import classes from "./Layout.module.css";
import { Mark } from "./Mark";
import { SpoolAlarm } from "./SpoolAlarm";

interface Place {
  path: string;
  label: string;
  icon: ComponentType<{ size?: number; stroke?: number }>;
}

const PLACES: Place[] = [
  { path: "/campaigns", label: words.campaigns, icon: IconPlayerPause },
  { path: "/agents", label: words.agents, icon: IconHeadset },
  { path: "/lists", label: words.lists, icon: IconUsers },
  { path: "/numbers", label: words.numbers, icon: IconHash },
  { path: "/do-not-call", label: words.doNotCall, icon: IconPhoneOff },
  { path: "/reports", label: words.reports, icon: IconChartHistogram },
  { path: "/simulate", label: words.simulate, icon: IconChartDots3 },
  { path: "/wallboard", label: words.wallboard, icon: IconDeviceTv },
  { path: "/settings", label: words.settings, icon: IconSettings },
];

export function Layout({ children }: { children: ReactNode }) {
  const [location] = useLocation();
  const [menuOpen, menu] = useDisclosure(false);
  const main = useRef<HTMLElement>(null);
  const page = location.split("/").slice(0, 3).join("/");
  useEffect(() => {
    menu.close();
    window.scrollTo(0, 0);
  }, [page]); // eslint-disable-line -- the disclosure's functions never change

  return (
    <div className={classes.frame}>
      <a className="skip" href="#content" onClick={() => main.current?.focus()}>
        {common.skip}
      </a>
      <aside className={classes.side}>
        <Brand />
        <Places location={location} />
        <div className={classes.foot}>
          <ConnectionDot />
          <Account />
        </div>
      </aside>
      <div className={classes.top}>
        <Burger
          opened={menuOpen}
          onClick={menu.toggle}
          size="sm"
          aria-label={menuOpen ? words.closeMenu : words.openMenu}
        />
        <Brand />
        <ConnectionDot />
      </div>
      <Drawer
        opened={menuOpen}
        onClose={menu.close}
        size={280}
        title={<Brand />}
        closeButtonProps={{ "aria-label": words.closeMenu }}
      >
        <Places location={location} />
        <div className={classes.drawerFoot}>
          <Account />
        </div>
      </Drawer>
      <main id="content" ref={main} tabIndex={-1} className={classes.main}>
        <ConnectionBanner />
        <SpoolAlarm />
        <Guard key={page}>
          <Suspense fallback={<Waiting />}>{children}</Suspense>
        </Guard>
      </main>
    </div>
  );
}

function Brand() {
  return (
    <Link href="/campaigns" className={classes.brand}>
      <Mark size={26} />
      <Text component="span" fw={680} size="md">
        {common.product}
      </Text>
    </Link>
  );
}

function Places({ location }: { location: string }) {
  return (
    <nav aria-label={words.nav} className={classes.places}>
      {PLACES.map(({ path, label, icon: Icon }) => {
        const here = location === path || location.startsWith(`${path}/`);
        return (
          <Link
            key={path}
            href={path}
            className={classes.place}
            data-here={here || undefined}
            aria-current={here ? "page" : undefined}
          >
            <ActionIcon component="span" variant="transparent" size={20} c="inherit" aria-hidden>
              <Icon size={18} stroke={1.8} />
            </ActionIcon>
            <span>{label}</span>
          </Link>
        );
      })}
    </nav>
  );
}
