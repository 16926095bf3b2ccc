/** What a pause that ends by itself waits for, with its countdown; and changing that. */
import { Button } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconClockPlay } from "@tabler/icons-react";
import { lazy, Suspense } from "react";

import type { Campaign } from "../../live/state";
import words from "../../words/en/lifecycle";
import { ResumeCountdown } from "../ResumeCountdown";
import classes from "./ReceiptBanner.module.css";

const ResumptionDialog = lazy(() => import("./ResumptionDialog"));

export function ResumptionNote({ campaign }: { campaign: Campaign }) {
  const [open, dialog] = useDisclosure(false);
  const { resumption } = campaign;
  if (resumption === null) return null;
  return (
    <div className={classes.banner} data-kind="resumption">
      <IconClockPlay size={19} aria-hidden />
      <p>
        {resumption.sentence}{" "}
        {resumption.at !== null && (
          <strong>
            <ResumeCountdown at={resumption.at} />
          </strong>
        )}{" "}
        {resumption.set_by !== null && resumption.set_at !== null && (
          <small>{words.resumption.changed(resumption.set_by, resumption.set_at)}</small>
        )}
      </p>
      <Button variant="subtle" size="compact-sm" color="gray" onClick={dialog.open}>
        {words.resumption.change}
      </Button>
      <Suspense fallback={null}>
        {open && <ResumptionDialog campaign={campaign} onClose={dialog.close} />}
      </Suspense>
    </div>
  );
}
