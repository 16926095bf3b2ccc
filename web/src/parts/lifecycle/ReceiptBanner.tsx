import { Button } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconReceipt } from "@tabler/icons-react";
import { lazy, Suspense } from "react";

import type { Receipt } from "../../api/campaign";
import type { Campaign } from "../../live/state";
import words from "../../words/en/lifecycle";
import classes from "./ReceiptBanner.module.css";

const ReceiptDrawer = lazy(() => import("./ReceiptDrawer"));

/** What the standing pause or the termination did, in one line; the rest a click away. */
export function ReceiptBanner({ campaign, receipt }: { campaign: Campaign; receipt: Receipt }) {
  const [open, drawer] = useDisclosure(false);
  return (
    <div className={classes.banner} data-kind={receipt.kind}>
      <IconReceipt size={19} aria-hidden />
      <p>{words.receipt.line(receipt, campaign.in_flight, campaign.channel === "voice")}</p>
      <Button variant="subtle" size="compact-sm" color="gray" onClick={drawer.open}>
        {words.receipt.full}
      </Button>
      <Suspense fallback={null}>
        {open && <ReceiptDrawer receipt={receipt} onClose={drawer.close} />}
      </Suspense>
    </div>
  );
}
