/** Asks before a pause: what is in flight right now, what becomes of it, for how long, and why. */
import {
  Button,
  Checkbox,
  Group,
  Modal,
  Radio,
  SegmentedControl,
  Stack,
  Text,
  Textarea,
} from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { IconPlayerPauseFilled } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";

import { forecast } from "../../api/campaign";
import type { Api } from "../../api/client";
import { useChangePreferences } from "../../api/session";
import { useSystemSettings } from "../../api/systemSettings";
import type { Campaign } from "../../live/state";
import { useLive } from "../../live/store";
import common from "../../words/en/common";
import holds from "../../words/en/holds";
import words from "../../words/en/lifecycle";
import messages from "../../words/en/messages";
import { count } from "../format";
import type { Drain, PauseOrder, Scope } from "./actions";
import { AgentsTo } from "./AgentsTo";
import classes from "./Dialogs.module.css";
import { flightOf } from "./flight";
import { HowLong } from "./HowLong";
import { PartPicker } from "./PartPicker";
import type { PartName } from "./parts";
import { type Until, whenOf, untilOf } from "./until";

const DRAINS: Drain[] = ["finish_lawfully", "cancel_now", "let_ring", "hang_up_all"];

interface Props {
  scope: Scope;
  /** Begin with a part of the campaign, and not with all of it. */
  part?: boolean;
  mayNotAskAgain: boolean;
  onClose: () => void;
  onConfirm: (order: PauseOrder) => void;
}

export default function PauseDialog({
  scope,
  part = false,
  mayNotAskAgain,
  onClose,
  onConfirm,
}: Props) {
  const words_ = words.dialog;
  const phone = useMediaQuery("(max-width: 640px)");
  const campaigns = useLive((now) => now.campaigns);
  const single = scope !== "all" && scope.length === 1 ? scope[0] : undefined;
  const would = useQuery({ ...forecast(single?.id ?? 0), enabled: single !== undefined }).data;
  // Of one moment with the consequences below, where the server tells both.
  const known = flightOf(scope, campaigns);
  const flight = would
    ? { ...known, ringing: would.dialling + would.ringing, talking: would.talking }
    : known;
  const changePreferences = useChangePreferences();
  const emergency =
    useSystemSettings().data?.settings.second_approver_for_emergency_stop === true &&
    scope === "all";

  const [drain, setDrain] = useState<Drain | null>(null);
  const [sure, setSure] = useState(false);
  const [until, setUntil] = useState<Until>({ kind: "resumed" });
  const [reason, setReason] = useState("");
  const [dontAsk, setDontAsk] = useState(false);
  const [checked, setChecked] = useState(false);
  const [ofPart, setOfPart] = useState(part);
  const [parts, setParts] = useState<PartName[]>([]);
  const [destination, setDestination] = useState<string | null>(null);

  const chosen = drain ?? would?.drain ?? "finish_lawfully";
  const resumeAt = untilOf(until, new Date());
  const hangUpUnsure = chosen === "hang_up_all" && !sure;

  const submit = (event: FormEvent): void => {
    event.preventDefault();
    setChecked(true);
    if (hangUpUnsure || resumeAt === "wrong" || (ofPart && parts.length === 0)) return;
    if (dontAsk && !ofPart) changePreferences.mutate({ dont_ask_before_pause: true });
    onConfirm({
      drain: drain,
      reason: reason.trim() || null,
      until: resumeAt?.toISOString() ?? null,
      when: whenOf(until),
      destination: ofPart ? null : destination,
      part: ofPart ? parts : null,
    });
  };

  return (
    <Modal
      opened
      onClose={onClose}
      title={titleOf(scope)}
      size={580}
      fullScreen={phone}
      centered
      closeButtonProps={{ "aria-label": common.close }}
      classNames={{ title: classes.title, body: classes.body, content: classes.content }}
    >
      <form onSubmit={submit} className={classes.form}>
        <Stack gap="md" className={classes.scroll}>
          {scope === "all" && <Text size="sm">{words_.allHint(flight.campaigns)}</Text>}
          {single && (
            <WhatOfIt
              campaign={single}
              ofPart={ofPart}
              onOfPart={(yes) => {
                setOfPart(yes);
                setUntil({ kind: "resumed" }); // a part ends at a time, and on no condition
              }}
              parts={parts}
              onParts={setParts}
              checked={checked}
            />
          )}
          <div className={classes.flight} aria-live="off">
            <span className={classes.flightTitle}>{words_.inFlight}</span>
            {single && single.channel !== "voice" ? (
              <Figure value={known.ringing} name={messages.dialog.inFlight} />
            ) : (
              <>
                <Figure value={flight.ringing} name={words_.ringing} />
                <Figure value={flight.talking} name={words_.talking} />
              </>
            )}
          </div>
          {single && single.channel !== "voice" ? (
            <Text size="sm">{messages.dialog.explain}</Text>
          ) : (
          <Radio.Group
            value={drain ?? (single ? chosen : null)}
            onChange={(value) => setDrain(value as Drain)}
            label={words_.drain}
            description={ofPart ? holds.drainHint : undefined}
          >
            <div className={classes.choices}>
              {DRAINS.map((each) => (
                <Radio.Card key={each} value={each} className={classes.choice} radius="md">
                  <Radio.Indicator />
                  <span>
                    <span className={classes.choiceName}>
                      {words.drains[each]}
                      {would?.drain === each && (
                        <span className={classes.usual}>{words.usual}</span>
                      )}
                    </span>
                    <span className={classes.choiceWhat}>
                      {consequence(each, ofPart ? undefined : would)}
                    </span>
                  </span>
                </Radio.Card>
              ))}
            </div>
          </Radio.Group>
          )}
          {chosen === "hang_up_all" && (
            <Checkbox
              checked={sure}
              onChange={(event) => setSure(event.currentTarget.checked)}
              label={words_.hangUpSure(flight.talking)}
              error={checked && hangUpUnsure && words_.hangUpFirst}
            />
          )}
          <HowLong
            until={until}
            onChange={setUntil}
            checked={checked}
            resumeAt={resumeAt}
            campaign={single?.id ?? null}
            noCondition={ofPart}
          />
          {single?.needs_agents && !ofPart && (
            <AgentsTo campaign={single} value={destination} onChange={setDestination} />
          )}
          {emergency && <Text size="sm">{words_.two}</Text>}
          <Textarea
            label={words_.reason}
            description={words_.reasonHint}
            value={reason}
            onChange={(event) => setReason(event.currentTarget.value)}
            maxLength={2000}
            autosize
            minRows={1}
            maxRows={4}
          />
          {mayNotAskAgain && scope !== "all" && !ofPart && (
            <Checkbox
              checked={dontAsk}
              onChange={(event) => setDontAsk(event.currentTarget.checked)}
              label={words_.dontAsk}
              description={words_.dontAskHint}
            />
          )}
        </Stack>
        <footer className={classes.footer}>
          <Text size="xs" c="dimmed" className={classes.promise}>
            {ofPart
              ? holds.promise
              : single && single.channel !== "voice"
                ? messages.dialog.silence
                : words_.silence}
          </Text>
          <Group gap="xs" wrap="nowrap">
            <Button variant="default" onClick={onClose}>
              {common.cancel}
            </Button>
            <Button
              type="submit"
              data-autofocus
              color={scope === "all" ? "red" : undefined}
              leftSection={<IconPlayerPauseFilled size={16} aria-hidden />}
            >
              {scope === "all" ? words_.confirmAll : ofPart ? holds.confirm : words_.confirm}
            </Button>
          </Group>
        </footer>
      </form>
    </Modal>
  );
}

interface WhatOfItProps {
  campaign: Campaign;
  ofPart: boolean;
  onOfPart: (yes: boolean) => void;
  parts: readonly PartName[];
  onParts: (parts: PartName[]) => void;
  checked: boolean;
}

/** The whole campaign, where it runs, or which parts of it. */
function WhatOfIt({ campaign, ofPart, onOfPart, parts, onParts, checked }: WhatOfItProps) {
  return (
    <>
      {campaign.allowed.includes("pause") && (
        <SegmentedControl
          aria-label={holds.what}
          fullWidth
          value={ofPart ? "part" : "whole"}
          onChange={(value) => onOfPart(value === "part")}
          data={[
            { value: "whole", label: holds.whole },
            { value: "part", label: holds.part },
          ]}
        />
      )}
      {ofPart && (
        <PartPicker
          campaign={campaign.id}
          value={parts}
          onChange={onParts}
          error={checked && parts.length === 0 ? holds.pickerEmpty : null}
        />
      )}
    </>
  );
}

function Figure({ value, name }: { value: number; name: string }) {
  return (
    <span className={classes.figure}>
      <strong className="num">{count(value)}</strong> {name}
    </span>
  );
}

function titleOf(scope: Scope): string {
  if (scope === "all") return words.dialog.titleAll;
  const [only, another] = scope;
  if (only !== undefined && another === undefined) return words.dialog.title(only.name);
  return words.dialog.titleSeveral(scope.length);
}

/** What a drain does: with the figures of this moment where they are known. */
function consequence(drain: Drain, would: Api<"ForecastView"> | undefined): string {
  const does = would?.drains.find((each) => each.drain === drain);
  if (would === undefined || does === undefined) return words.drainsDo[drain];
  const say = words.drainWould;
  const parts: string[] = [];
  if (does.cancelled_now > 0) parts.push(say.cancelled(does.cancelled_now));
  if (does.cancelled_below_minimum > 0) {
    parts.push(say.below(does.cancelled_below_minimum, would.ring_minimum_s));
  }
  if (does.go_on_ringing > 0) parts.push(say.goOn(does.go_on_ringing, does.rings_until_s));
  if (does.conversations_cut > 0) parts.push(say.cut(does.conversations_cut));
  if (does.conversations_go_on > 0) parts.push(say.talk(does.conversations_go_on));
  return parts.length === 0 ? say.nothing : `${parts.join("; ")}.`;
}
