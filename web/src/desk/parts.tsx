/** Small things that several parts of the desk show. */
import { CloseButton, Kbd } from "@mantine/core";
import { IconAlertCircle } from "@tabler/icons-react";
import type { ReactNode } from "react";

import { countdown, secondsBetween } from "../parts/format";
import words from "../words/en/desk";
import classes from "./Desk.module.css";
import { type Order, useNow } from "./store";

/** Why something was not done, where it was asked for. */
export function Said({ of }: { of: Pick<Order<never>, "problem" | "clear"> }) {
  if (of.problem === null) return null;
  return (
    <p className={classes.said} role="alert">
      <IconAlertCircle size={16} aria-hidden />
      <span>{of.problem.message}</span>
      <CloseButton size="sm" aria-label={words.hide} onClick={of.clear} />
    </p>
  );
}

/** How long it has been: 12:05. */
export function Since({ at }: { at: string }) {
  const now = useNow();
  return (
    <time dateTime={at} className="num">
      {countdown(Math.floor(secondsBetween(at, now)))}
    </time>
  );
}

/** The key that does it, for those who have a keyboard. */
export function Key({ children }: { children: ReactNode }) {
  return (
    <Kbd size="xs" className={classes.key} aria-hidden>
      {children}
    </Kbd>
  );
}

interface CardProps {
  title: string;
  children: ReactNode;
  action?: ReactNode;
  /** Above all others where they stand below each other. */
  first?: boolean;
}

/** A titled card. */
export function Card(props: CardProps) {
  return (
    <section
      className={`card ${classes.card}`}
      aria-label={props.title}
      data-first={props.first || undefined}
    >
      <header className={classes.cardHead}>
        <h2>{props.title}</h2>
        {props.action}
      </header>
      {props.children}
    </section>
  );
}
