/** The desk: what the agent does on top, the conversation in the middle, the day beside it. */
import { Button } from "@mantine/core";
import { IconDevices } from "@tabler/icons-react";
import { useRef } from "react";

import { Empty } from "../parts/Empty";
import words from "../words/en/desk";
import { Announcer } from "./Announcer";
import { Banners } from "./Banners";
import { Begin } from "./begin/Begin";
import { Conversation } from "./conversation/Conversation";
import classes from "./Desk.module.css";
import { Idle } from "./Idle";
import { Preview } from "./Preview";
import { type Shift, useShift } from "./shift";
import { Campaigns } from "./side/Campaigns";
import { Today } from "./side/Today";
import { useDesk } from "./store";
import { TopBar } from "./top/TopBar";

export function DeskPage() {
  const desk = useDesk();
  const shift = useShift();
  const main = useRef<HTMLElement>(null);
  const talks = ["calling", "on_call", "wrap_up"].includes(desk.presence) && desk.call !== null;
  return (
    <div className={classes.frame}>
      <a className="skip" href="#desk" onClick={() => main.current?.focus()}>
        {words.skip}
      </a>
      <Announcer />
      <TopBar shift={shift} />
      <main id="desk" ref={main} tabIndex={-1} className={classes.main} data-talks={talks || undefined}>
        <h1 className="hidden-text">{words.title}</h1>
        <Banners shift={shift} />
        <div className={classes.columns} data-talks={talks || undefined}>
          <Middle shift={shift} />
          {!talks && (
            <aside className={classes.side}>
              <Campaigns />
              <Today />
            </aside>
          )}
        </div>
      </main>
    </div>
  );
}

function Middle({ shift }: { shift: Shift }) {
  const desk = useDesk();
  if (shift.elsewhere) {
    return (
      <div className={`card ${classes.middle}`}>
        <Empty
          icon={<IconDevices size={36} stroke={1.5} />}
          title={words.elsewhere.title}
          hint={words.elsewhere.hint}
          action={<Button onClick={shift.takeOver}>{words.elsewhere.here}</Button>}
        />
      </div>
    );
  }
  const { call } = desk;
  switch (desk.presence) {
    case "offline":
      return <Begin shift={shift} />;
    case "preview":
      return call ? <Preview call={call} until={desk.until} /> : <Idle shift={shift} />;
    case "calling":
    case "on_call":
    case "wrap_up":
      return call ? <Conversation key={call.attempt ?? call.lead} call={call} /> : <Idle shift={shift} />;
    default:
      return <Idle shift={shift} />;
  }
}
