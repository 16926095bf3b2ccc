import { Title } from "@mantine/core";
import { type ReactNode, useEffect } from "react";

import common from "../words/en/common";
import classes from "./Page.module.css";

interface Props {
  title: string;
  /** Beside the title, in one line with it. */
  beside?: ReactNode;
  /** What can be done on this page, to the right. */
  actions?: ReactNode;
  children: ReactNode;
}

/** The frame of a page: names the tab, puts the title and the actions on top. */
export function Page({ title, beside, actions, children }: Props) {
  usePageTitle(title);
  return (
    <>
      <header className={classes.head}>
        <div className={classes.title}>
          <Title order={1}>{title}</Title>
          {beside}
        </div>
        {actions && <div className={classes.actions}>{actions}</div>}
      </header>
      {children}
    </>
  );
}

/** What the browser's tab says. */
export function usePageTitle(title: string): void {
  useEffect(() => {
    document.title = `${title} · ${common.product}`;
  }, [title]);
}
