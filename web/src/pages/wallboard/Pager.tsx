/** Which page of the campaigns is shown; by itself, by hand, or not at all. */
import { ActionIcon } from "@mantine/core";
import {
  IconChevronLeft,
  IconChevronRight,
  IconPlayerPauseFilled,
  IconPlayerPlayFilled,
} from "@tabler/icons-react";

import words from "../../words/en/wallboard";
import type { Pages } from "./usePages";
import classes from "./Wallboard.module.css";

export function Pager({ pages }: { pages: Pages }) {
  const button = { variant: "subtle", color: "gray", size: 40 } as const;
  return (
    <nav className={classes.pager} aria-label={words.table}>
      <ActionIcon {...button} onClick={() => pages.turn(-1)} aria-label={words.previous}>
        <IconChevronLeft size={22} aria-hidden />
      </ActionIcon>
      <span className="num">{words.page(pages.page + 1, pages.pages)}</span>
      <ActionIcon {...button} onClick={() => pages.turn(1)} aria-label={words.next}>
        <IconChevronRight size={22} aria-hidden />
      </ActionIcon>
      <ActionIcon
        {...button}
        onClick={pages.hold}
        aria-label={pages.held ? words.go : words.stop}
      >
        {pages.held ? (
          <IconPlayerPlayFilled size={16} aria-hidden />
        ) : (
          <IconPlayerPauseFilled size={16} aria-hidden />
        )}
      </ActionIcon>
    </nav>
  );
}
