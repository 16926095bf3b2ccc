/** What changes is said: to screen readers, in the tab's title and symbol, and by a sound. */
import { useEffect, useRef, useState } from "react";

import type { Desk } from "../api/desk";
import words from "../words/en/desk";
import { nextText } from "./Banners";
import { listen } from "./keys";
import { callSound, leadSound, newsSound } from "./softphone/sound";
import { usePhone } from "./softphone/store";
import { nameOf } from "./state";
import { useDesk } from "./store";

const texts = words.said;

export function Announcer() {
  const desk = useDesk();
  const muted = usePhone((phone) => phone.muted);
  const said = useSaid(desk, muted);
  useEffect(listen, []);
  useSounds(desk);
  useTab(desk.presence);
  useStayAsked(desk.presence === "on_call");
  return (
    <div className="hidden-text" role="status" aria-live="assertive" data-part="announcer">
      {said}
    </div>
  );
}

/** The sentence for what changed last. */
function useSaid(desk: Desk, muted: boolean): string {
  const [said, setSaid] = useState("");
  const before = useRef<{ desk: Desk; muted: boolean } | null>(null);
  useEffect(() => {
    const sentence = before.current && changeText(before.current, { desk, muted });
    if (sentence) setSaid(sentence);
    before.current = { desk, muted };
  }, [desk, muted]);
  return said;
}

interface Heard {
  desk: Desk;
  muted: boolean;
}

/** What is worth saying of a change; null: nothing. Pure. */
export function changeText(before: Heard, now: Heard): string | null {
  const { desk } = now;
  const { call } = desk;
  if (before.desk.presence !== desk.presence || before.desk.call?.attempt !== call?.attempt) {
    const text = presenceText(desk);
    if (text) return text;
  }
  if (desk.notice && desk.notice.at !== before.desk.notice?.at) return noticeText(desk);
  if (desk.wrap_up?.overdue && !before.desk.wrap_up?.overdue) return texts.overdue;
  if (call && before.desk.call && call.on_hold !== before.desk.call.on_hold) {
    return call.on_hold ? texts.held : texts.unheld;
  }
  if (before.muted !== now.muted && desk.presence === "on_call") {
    return now.muted ? texts.muted : texts.unmuted;
  }
  if (desk.on_shift && before.desk.device !== desk.device) {
    return desk.device ? texts.deviceBack : texts.deviceLost;
  }
  return null;
}

function presenceText({ presence, call }: Desk): string | null {
  const name = call ? nameOf(call) : "";
  switch (presence) {
    case "on_call":
      return texts.call(name, call?.campaign.name ?? "");
    case "calling":
      return texts.calling(name);
    case "preview":
      return texts.preview(name, call?.campaign.name ?? "");
    case "wrap_up":
      return texts.wrapUp;
    default:
      return texts[presence];
  }
}

function noticeText({ notice }: Desk): string | null {
  if (notice === null) return null;
  const { kind, by, reason, campaign } = notice;
  if (kind === "denied") return words.banners.denied(campaign.name, reason);
  if (kind === "runs") return words.banners.runs(campaign.name);
  const stopped = words.banners[kind](by, campaign.name, reason);
  return `${stopped}. ${nextText(notice.next)}`;
}

function useSounds(desk: Desk): void {
  const attempt = desk.presence === "on_call" ? (desk.call?.attempt ?? null) : null;
  const lead = desk.presence === "preview" ? (desk.call?.lead ?? null) : null;
  const notice = desk.notice?.at ?? null;
  useOnNew(attempt, callSound);
  useOnNew(lead, leadSound);
  useOnNew(notice, newsSound);
}

/** Once for each new value; what is there when the page opens is not new. */
function useOnNew(value: string | number | null, sound: () => void): void {
  const before = useRef(value);
  useEffect(() => {
    if (value !== null && value !== before.current) sound();
    if (value !== null) before.current = value;
  }, [value]); // eslint-disable-line
}

const COLOUR: Record<Desk["presence"], string> = {
  offline: "#7d8997",
  available: "#17895a",
  preview: "#2f6fc4",
  calling: "#2f6fc4",
  on_call: "#d4453b",
  wrap_up: "#2f6fc4",
  break: "#7d8997",
};

function useTab(presence: Desk["presence"]): void {
  useEffect(() => {
    document.title = words.tab[presence];
    const link = document.querySelector<HTMLLinkElement>("link[rel=icon]");
    if (link) link.href = symbolOf(presence);
  }, [presence]);
}

/** The mark, with what the agent does as a dot in its corner. */
function symbolOf(presence: Desk["presence"]): string {
  const svg =
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">` +
    `<rect width="32" height="32" rx="8" fill="#0f5c6e"/>` +
    `<rect x="8" y="7" width="4.5" height="16" rx="1.6" fill="#fff"/>` +
    `<rect x="16.5" y="7" width="4.5" height="16" rx="1.6" fill="#fff"/>` +
    `<circle cx="24" cy="24" r="8" fill="${COLOUR[presence]}" stroke="#fff" stroke-width="2"/></svg>`;
  return `data:image/svg+xml,${encodeURIComponent(svg)}`;
}

/** A page with a conversation in it is not closed by accident. */
function useStayAsked(talks: boolean): void {
  useEffect(() => {
    if (!talks) return;
    const ask = (event: BeforeUnloadEvent): void => event.preventDefault();
    window.addEventListener("beforeunload", ask);
    return () => window.removeEventListener("beforeunload", ask);
  }, [talks]);
}
