/** An emergency stop on a campaign's page: who made it, who asks to release it, what can be done. */
import { Button } from "@mantine/core";
import { IconUrgent, IconUsers } from "@tabler/icons-react";

import { useSession } from "../../api/session";
import type { Campaign } from "../../live/state";
import words from "../../words/en/lifecycle";
import { refused, said } from "../notices";
import * as actions from "./actions";
import { useLifecycle } from "./Lifecycle";
import classes from "./ReceiptBanner.module.css";
import { asksMyself } from "./release";

const texts = words.release;

export function ReleaseBanner({ campaign }: { campaign: Campaign }) {
  const me = useSession().data?.user ?? null;
  const hands = useLifecycle();
  const { emergency, release_request: request } = campaign;
  if (emergency === null) return null;
  if (request === null) {
    return (
      <div className={classes.banner} data-kind="emergency">
        <IconUrgent size={19} aria-hidden />
        <p>
          {texts.stopped(emergency.by, emergency.at)} {emergency.two_to_release && texts.two}
        </p>
      </div>
    );
  }
  const mine = asksMyself(request, me);
  const withdraw = (): void => {
    actions.withdraw(campaign).then(() => said(texts.withdrawn), refused);
  };
  return (
    <div className={classes.banner} data-kind="emergency" role="status">
      <IconUsers size={19} aria-hidden />
      <p>
        {mine ? texts.youAsked : texts.asks(request.asked_by)}{" "}
        {request.reason && texts.why(request.reason)} {texts.until(request.expires_at)}
      </p>
      {!mine && (
        <Button
          size="compact-sm"
          className={classes.solid}
          onClick={() => hands.resume(campaign)}
        >
          {texts.look}
        </Button>
      )}
      <Button variant="subtle" size="compact-sm" color="gray" onClick={withdraw}>
        {mine ? texts.withdraw : texts.turnDown}
      </Button>
    </div>
  );
}
