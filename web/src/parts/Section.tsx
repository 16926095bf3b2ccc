import { Title } from "@mantine/core";
import { type ReactNode, useId } from "react";

import classes from "./Section.module.css";

interface Props {
  title: string;
  /** What it is for, under the title. */
  lead?: ReactNode;
  actions?: ReactNode;
  /** Without a border of its own around the children. */
  bare?: boolean;
  children: ReactNode;
}

/** A titled part of a page. */
export function Section({ title, lead, actions, bare = false, children }: Props) {
  const id = useId();
  return (
    <section className={classes.section} aria-labelledby={id}>
      <header className={classes.head}>
        <div>
          <Title order={2} id={id}>
            {title}
          </Title>
          {lead && <p className={classes.lead}>{lead}</p>}
        </div>
        {actions && <div className={classes.actions}>{actions}</div>}
      </header>
      {bare ? children : <div className="card">{children}</div>}
    </section>
  );
}
