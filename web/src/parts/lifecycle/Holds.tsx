/** The parts of a campaign that are paused by themselves, each with its way back. */
import { Button } from "@mantine/core";
import { IconPlayerPauseFilled, IconPlayerPlayFilled } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense, useState } from "react";

import { receipt } from "../../api/campaign";
import type { Campaign } from "../../live/state";
import words from "../../words/en/holds";
import { ResumeCountdown } from "../ResumeCountdown";
import classes from "./Holds.module.css";
import { useLifecycle } from "./Lifecycle";

const ReceiptDrawer = lazy(() => import("./ReceiptDrawer"));

type Hold = Campaign["holds"][number];

const ENDED = ["terminating", "terminated", "completed"];

export function Holds({ campaign }: { campaign: Campaign }) {
  const hands = useLifecycle();
  const [open, setOpen] = useState<number | null>(null);
  if (campaign.holds.length === 0) return null;
  const ended = ENDED.includes(campaign.status);
  return (
    <section className={classes.holds} aria-label={words.title}>
      <h2>
        <IconPlayerPauseFilled size={14} aria-hidden />
        {words.titleOf(campaign.holds.length)}
      </h2>
      <ul>
        {campaign.holds.map((hold) => (
          <li key={hold.id}>
            <p>
              <strong>{words.named(hold.scope, hold.value)}</strong>{" "}
              <span className="dim">{aboutOf(hold)}</span>
              {hold.reason && <span> “{hold.reason}”</span>}
              {hold.until !== null && (
                <span className={classes.countdown}>
                  <ResumeCountdown at={hold.until} />
                </span>
              )}
            </p>
            <Button
              variant="subtle"
              size="compact-sm"
              color="gray"
              onClick={() => setOpen(hold.receipt_id)}
            >
              {words.receipt}
            </Button>
            {!ended && (
              <Button
                variant="default"
                size="compact-sm"
                disabled={hold.confirmed_at === null}
                leftSection={<IconPlayerPlayFilled size={13} aria-hidden />}
                aria-label={words.resumeNamed(words.named(hold.scope, hold.value))}
                onClick={() => hands.resumePart(campaign, hold)}
              >
                {words.resume}
              </Button>
            )}
          </li>
        ))}
      </ul>
      {open !== null && (
        <OneReceipt campaign={campaign.id} id={open} onClose={() => setOpen(null)} />
      )}
    </section>
  );
}

function aboutOf(hold: Hold): string {
  return hold.confirmed_at === null ? words.confirming : words.since(hold.since, hold.actor);
}

function OneReceipt(props: { campaign: number; id: number; onClose: () => void }) {
  const found = useQuery(receipt(props.campaign, props.id)).data;
  return (
    <Suspense fallback={null}>
      {found && <ReceiptDrawer receipt={found} onClose={props.onClose} />}
    </Suspense>
  );
}
