/** Everything that the receipt of a pause or of the termination records. */
import { Drawer, Text, Title } from "@mantine/core";

import type { Receipt } from "../../api/campaign";
import { useLive } from "../../live/store";
import common from "../../words/en/common";
import holds from "../../words/en/holds";
import words from "../../words/en/lifecycle";
import messages from "../../words/en/messages";
import { evidenceFacts } from "../../words/en/pauseRules";
import { count, moment, secondsBetween } from "../format";
import classes from "./ReceiptBanner.module.css";

const texts = words.receipt;

export default function ReceiptDrawer({
  receipt,
  onClose,
}: {
  receipt: Receipt;
  onClose: () => void;
}) {
  const voice = useLive(
    ({ campaigns }) =>
      [...campaigns.values()].find(({ name }) => name === receipt.campaign)?.channel ?? "voice",
  ) === "voice";
  const said = voice ? texts : { ...texts, ...messages.receipt };
  const facts: (readonly [string, string, string?])[] = [
    [texts.kind, `${texts.kinds[receipt.kind] ?? receipt.kind}, ${receipt.campaign}`],
    ...(receipt.parts ?? []).map(
      (part, index): [string, string] => [
        index === 0 ? texts.parts : `${texts.parts} ${index + 1}`,
        holds.named(part.scope, part.value),
      ],
    ),
    [texts.actor, receipt.actor],
    [texts.reason, receipt.reason ?? texts.noReason],
    ...evidenceFacts(receipt.evidence ?? null),
    ...(receipt.emergency ? ([[texts.emergency, texts.emergencyYes]] as const) : []),
    ...(receipt.kind === "pause" ? ([[texts.ends, endsText(receipt)]] as const) : []),
    [texts.requested, moment(receipt.requested_at, true)],
    [said.lastLaunch, ...since(receipt, receipt.last_launch_at, said.noLaunch)],
    [
      texts.confirmed,
      ...since(receipt, receipt.confirmed_at, texts.notYet),
    ],
    ...(voice ? flightOfCalls(receipt) : flightOfMessages(receipt)),
    [texts.returned, count(receipt.leads_returned)],
    [said.completed, ...since(receipt, receipt.completed_at, texts.notYet)],
    [texts.digest, digestText(receipt), texts.digestHint],
  ];
  return (
    <Drawer
      opened
      onClose={onClose}
      position="right"
      size={480}
      title={
        <Text component="span" fw={650} size="lg">
          {texts.title} {receipt.id}
        </Text>
      }
      closeButtonProps={{ "aria-label": common.close }}
    >
      <dl className={classes.facts}>
        {facts.map(([name, value, hint]) => (
          <Fact key={name} name={name} value={value} hint={hint} />
        ))}
      </dl>
      <Title order={3} mt="lg">
        {texts.cells}
      </Title>
      <table className={classes.cells}>
        <thead>
          <tr>
            <th scope="col">{texts.node}</th>
            <th scope="col">{texts.confirmed}</th>
            <th scope="col">{voice ? texts.goOn : texts.returned}</th>
          </tr>
        </thead>
        <tbody>
          {receipt.cells.map((cell) => (
            <tr key={cell.cell_id}>
              <td title={cell.cell_id}>{cell.node}</td>
              <td>
                {cell.confirmed_by === null
                  ? texts.notYet
                  : (texts.confirmedBy[cell.confirmed_by] ?? cell.confirmed_by)}
                {cell.acknowledged_at !== null && `, ${offset(receipt, cell.acknowledged_at)}`}
              </td>
              <td>{count(voice ? cell.conversations_left : cell.leads_returned)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Drawer>
  );
}

function Fact({ name, value, hint }: { name: string; value: string; hint: string | undefined }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>
        {value}
        {hint && <small>{hint}</small>}
      </dd>
    </>
  );
}

function flightOfCalls(receipt: Receipt): [string, string][] {
  return [
    [texts.inFlight, texts.inFlightValue(receipt.ringing_at_request, receipt.talking_at_request)],
    [texts.drain, words.drains[receipt.drain as keyof typeof words.drains] ?? receipt.drain],
    [texts.cancelled, count(receipt.cancelled)],
    [texts.goOn, count(receipt.conversations_left)],
  ];
}

/** Nothing of it can be cancelled. */
function flightOfMessages(receipt: Receipt): [string, string][] {
  return [[messages.receipt.handedOver, count(receipt.ringing_at_request)]];
}

/** How the pause was asked to end by itself. */
function endsText({ resume_at: at, resume_when: conditions }: Receipt): string {
  const parts = at === null ? [] : [texts.notBefore(at)];
  for (const each of conditions) {
    parts.push(
      each.kind === "hours_open"
        ? texts.atOpening
        : texts.whenTrunk(each.trunk ?? null, each.for_s ?? 60),
    );
  }
  return parts.join("; ") || texts.endsNot;
}

function since(receipt: Receipt, at: string | null, otherwise: string): [string, string?] {
  return at === null ? [otherwise] : [moment(at, true), offset(receipt, at)];
}

function offset(receipt: Receipt, at: string): string {
  const ms = secondsBetween(receipt.requested_at, at) * 1000;
  return ms < 0 ? texts.before(-ms) : texts.after(ms);
}

function digestText(receipt: Receipt): string {
  const { settings_digest_before: before, settings_digest_after: after } = receipt;
  const same = after === null || before === after;
  return `${before.slice(0, 12)}… ${after === null ? "" : same ? texts.unchanged : texts.changedAfter}`;
}
