/** On the list of campaigns: releases that await a second person, approved all at once. */
import { Button, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconUsers } from "@tabler/icons-react";
import { useEffect } from "react";

import { useSession } from "../../api/session";
import { current, useLive } from "../../live/store";
import { FormDialog } from "../../parts/FormDialog";
import { useLifecycle } from "../../parts/lifecycle/Lifecycle";
import { toApprove } from "../../parts/lifecycle/release";
import banner from "../../parts/lifecycle/ReceiptBanner.module.css";
import words from "../../words/en/lifecycle";
import classes from "./Campaigns.module.css";

const texts = words.release;

export function ReleaseRequests() {
  const hands = useLifecycle();
  const me = useSession().data?.user ?? null;
  const [sure, dialog] = useDisclosure(false);
  // A text, so that only a change of it draws this anew.
  const [n = "0", who = ""] = useLive((now) => {
    const { campaigns, askedBy } = toApprove(now.campaigns.values(), me);
    return `${campaigns.length}\n${askedBy.join(", ")}`;
  }).split("\n");
  const number = Number(n);
  useEffect(() => {
    if (number === 0) dialog.close(); // what is asked for later is another question
  }, [number]); // eslint-disable-line -- the disclosure's functions never change
  const approve = (): void => {
    dialog.close();
    hands.approveSeveral(toApprove(current().campaigns.values(), me).campaigns);
  };
  if (number === 0) return null;
  return (
    <div className={`${banner.banner} ${classes.release}`} data-kind="emergency" role="status">
      <IconUsers size={19} aria-hidden />
      <p>{texts.several(who, number)}</p>
      <Button size="compact-sm" className={banner.solid} onClick={dialog.open}>
        {texts.approveAll(number)} …
      </Button>
      {sure && (
        <FormDialog
          title={texts.sure(number)}
          submit={texts.approve}
          onSubmit={approve}
          onClose={dialog.close}
          size={440}
          resumes
        >
          <Text size="sm">{texts.sureHint}</Text>
        </FormDialog>
      )}
    </div>
  );
}
