/** What stands above everything: a pause, a lost line, sound that is blocked. */
import { Button, CloseButton } from "@mantine/core";
import {
  IconAlertTriangle,
  IconPhoneRinging,
  IconPlayerPauseFilled,
  IconPlayerPlayFilled,
  IconPlayerStopFilled,
  IconRefresh,
  IconVolumeOff,
} from "@tabler/icons-react";
import { type ComponentType, type ReactNode, useState } from "react";

import type { Desk, DeskPhone } from "../api/desk";
import { LostBanner } from "../parts/Connection";
import words from "../words/en/desk";
import { MicrophoneTrouble } from "./begin/Devices";
import classes from "./Desk.module.css";
import { Said } from "./parts";
import { RingAgain } from "./RingAgain";
import type { Shift } from "./shift";
import { softphone, usePhone } from "./softphone/store";
import { useDesk, useDeskState, useNow } from "./store";

const texts = words.banners;

export function Banners({ shift }: { shift: Shift }) {
  const desk = useDesk();
  const lostAt = useDeskState((now) => now.lostAt);
  return (
    <div className={classes.banners}>
      <LostBanner lostAt={lostAt} more={desk.presence === "on_call" ? texts.lost : ""} />
      {shift.reopening && (
        <Banner icon={IconRefresh} look="alarm">
          {texts.reopening}
          <Said of={shift.begin} />
        </Banner>
      )}
      {shift.reopened && (
        <Banner icon={IconRefresh} look="note" onClose={shift.seen}>
          {texts.reopened}
        </Banner>
      )}
      {shift.here && (desk.phone ? <PhoneBanner desk={desk} phone={desk.phone} /> : <LineBanner />)}
      <NoticeBanner />
    </div>
  );
}

/** How the telephone is; between the calls, the middle of the page says it. */
function PhoneBanner({ desk, phone }: { desk: Desk; phone: DeskPhone }) {
  const { state } = phone;
  if (state === null || state === "ready" || desk.presence === "available") return null;
  const rings = state === "ringing";
  const inCall = desk.presence === "on_call";
  return (
    <Banner icon={rings ? IconPhoneRinging : IconAlertTriangle} look={rings && !inCall ? "note" : "alarm"}>
      <strong>{words.phone.title[state]}.</strong>{" "}
      {inCall ? words.phone.inCall : words.phone.hint[state](phone.address)}
      {!rings && <RingAgain />}
    </Banner>
  );
}

function LineBanner() {
  const desk = useDesk();
  const line = usePhone((phone) => phone.line);
  const trouble = usePhone((phone) => phone.trouble);
  const blocked = usePhone((phone) => phone.soundBlocked);
  if (trouble) return <MicrophoneTrouble trouble={trouble} />;
  if (line.kind === "contested") {
    return (
      <Banner icon={IconAlertTriangle} look="alarm">
        {texts.contested}
        <Button size="compact-sm" onClick={() => softphone().start(desk.ice_servers as RTCIceServer[])}>
          {texts.contestedGo}
        </Button>
      </Banner>
    );
  }
  const lost = line.kind === "waiting" || (line.kind === "offering" && line.failures > 0);
  return (
    <>
      {(lost || (desk.presence === "on_call" && !desk.device)) && (
        <Banner icon={IconAlertTriangle} look="alarm">
          {desk.presence === "on_call" ? texts.lineInCall : texts.line}
        </Banner>
      )}
      {blocked && (
        <Banner icon={IconVolumeOff} look="alarm">
          {texts.sound}
          <Button size="compact-sm" onClick={() => void softphone().unblock()}>
            {texts.soundGo}
          </Button>
        </Banner>
      )}
    </>
  );
}

const NEWS_FOR_MS = 120_000; // so long a resume, or a call that was not made, is news
const HIDDEN = "caesura-desk-notice";

/** The last pause, until it is over or hidden; other news for a while. */
function NoticeBanner() {
  const { notice, campaigns, presence } = useDesk();
  const now = useNow(5_000);
  const [hidden, setHidden] = useState(() => sessionStorage.getItem(HIDDEN));
  if (notice === null || notice.at === hidden) return null;
  const hide = (): void => {
    sessionStorage.setItem(HIDDEN, notice.at);
    setHidden(notice.at);
  };
  if (notice.kind !== "paused" && now - Date.parse(notice.at) > NEWS_FOR_MS) return null;
  if (notice.kind === "denied") {
    return (
      <Banner icon={IconAlertTriangle} look="note" onClose={hide}>
        {texts.denied(notice.campaign.name, notice.reason)}
      </Banner>
    );
  }
  if (notice.kind === "runs") {
    return (
      <Banner icon={IconPlayerPlayFilled} look="runs" onClose={hide}>
        <strong>{texts.runs(notice.campaign.name)}</strong> {nextText(notice.next)}
      </Banner>
    );
  }
  const { kind, by, reason, campaign } = notice;
  const stands = campaigns.some(({ id, status }) => id === campaign.id && status !== "running");
  if (kind === "paused" && !stands) return null;
  return (
    <Banner
      icon={kind === "paused" ? IconPlayerPauseFilled : IconPlayerStopFilled}
      look="paused"
      onClose={hide}
    >
      <strong>{texts[kind](by, campaign.name, reason)}.</strong>{" "}
      {presence === "on_call" && texts.talkOn} {nextText(notice.next)}
    </Banner>
  );
}

export function nextText(next: Desk["next"]): string {
  if (next === null) return texts.nextNone;
  return next.why === "held" ? texts.nextHeld(next.campaign.name) : texts.nextFrom(next.campaign.name);
}

interface BannerProps {
  icon: ComponentType<{ size?: number }>;
  look: "alarm" | "note" | "paused" | "runs";
  onClose?: () => void;
  children: ReactNode;
}

/** Of pauses and the like the announcer tells; an alarm tells of itself. */
function Banner({ icon: Icon, look, onClose, children }: BannerProps) {
  return (
    <div className={classes.banner} data-look={look} role={look === "alarm" ? "alert" : undefined}>
      <Icon size={18} aria-hidden />
      <div>{children}</div>
      {onClose && <CloseButton size="sm" aria-label={texts.dismiss} onClick={onClose} />}
    </div>
  );
}
