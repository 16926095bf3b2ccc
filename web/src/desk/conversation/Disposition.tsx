/** What came of the conversation: chosen with a key, explained in notes, and for callbacks a time. */
import { Button, Textarea } from "@mantine/core";
import { IconCheck, IconCircleCheckFilled, IconPencil } from "@tabler/icons-react";
import { type FormEvent, type KeyboardEvent, useEffect, useRef, useState } from "react";

import { type DeskCall, dispose, endWrapUp } from "../../api/desk";
import { clockIn, when } from "../../parts/format";
import words from "../../words/en/desk";
import classes from "../Desk.module.css";
import { useKey } from "../keys";
import { Card, Key, Said } from "../parts";
import { useDesk, useNow, useOrder } from "../store";
import { CallbackFields } from "./Callback";
import { asked, type Draft, keptDraft, missingOf } from "./draft";

const texts = words.disposition;
const KEPT = "caesura-desk-draft";
const PLACED = ["notes", "callback_at", "for_me"]; // fields that show their own errors

export function Disposition({ call }: { call: DeskCall }) {
  const [changing, setChanging] = useState(false);
  const { presence } = useDesk();
  const disposed = call.disposed && withWhatWasSent(call.disposed, call);
  return (
    <Card
      title={texts.title}
      action={
        // What was said in the conversation is stored with its end, and stands from then on.
        disposed &&
        !changing &&
        presence === "on_call" && (
          <Button
            variant="subtle"
            size="compact-sm"
            leftSection={<IconPencil size={15} aria-hidden />}
            onClick={() => setChanging(true)}
          >
            {texts.change}
          </Button>
        )
      }
    >
      {disposed && !changing ? (
        <div className={classes.disposed} role="status">
          <p>
            <IconCircleCheckFilled size={18} aria-hidden />
            <strong>{disposed.name || "…"}</strong>
          </p>
          {disposed.callback_at && (
            <p>
              {words.callback.promised(
                clockIn(disposed.callback_at, call.local_time_zone),
                when(disposed.callback_at),
              )}
            </p>
          )}
          {disposed.notes && <p className={classes.script}>{disposed.notes}</p>}
        </div>
      ) : (
        <Form call={call} onSaved={() => setChanging(false)} />
      )}
    </Card>
  );
}

/** Until the server has stored it, what this page has sent is what is known of it. */
function withWhatWasSent(disposed: NonNullable<DeskCall["disposed"]>, call: DeskCall) {
  if (disposed.name !== "") return disposed;
  const sent = asked(keptDraft(sessionStorage.getItem(KEPT), call.attempt ?? ""), call);
  return { name: sent.name, notes: sent.notes ?? "", callback_at: sent.callback_at ?? null };
}

function Form({ call, onSaved }: { call: DeskCall; onSaved: () => void }) {
  const desk = useDesk();
  const now = useNow(10_000);
  const [draft, setDraft] = useDraft(call.attempt ?? "");
  const [checked, setChecked] = useState(false);
  const notes = useRef<HTMLTextAreaElement>(null);
  const save = useOrder(dispose);
  const ready = useOrder(endWrapUp);
  const chosen = call.dispositions.find(({ name }) => name === draft.name);
  const missing = missingOf(draft, call, now);
  const inWrapUp = desk.presence === "wrap_up";
  const change = (part: Partial<Draft>): void => setDraft({ ...draft, ...part });

  const send = async (andReady: boolean): Promise<void> => {
    setChecked(true);
    if (Object.keys(missing).length > 0) return;
    if (!(await save.send(asked(draft, call)))) return;
    onSaved();
    // An overdue wrap-up ends with the disposition by itself.
    if (andReady && !desk.wrap_up?.overdue) await ready.send();
  };
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    void send(inWrapUp);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      void send(inWrapUp);
    }
  };
  useKey("n", () => notes.current?.focus());
  return (
    <form onSubmit={submit} onKeyDown={onKeyDown} className={classes.form} noValidate>
      {desk.wrap_up?.overdue && <p className={classes.overdue}>{texts.overdue}</p>}
      <Choices call={call} value={draft.name} onChange={(name) => change({ name })} />
      {checked && missing.name && <Wrong>{texts.choose}</Wrong>}
      {chosen?.meaning === "callback" && (
        <CallbackFields
          call={call}
          draft={draft}
          change={change}
          wrong={checked ? missing.at : undefined}
          problem={save.problem?.of("callback_at") ?? save.problem?.of("for_me")}
        />
      )}
      <Textarea
        ref={notes}
        label={chosen?.notes === "required" ? texts.notesRequired : texts.notes}
        description={texts.notesHint}
        inputWrapperOrder={["label", "input", "error", "description"]}
        autosize
        minRows={3}
        maxRows={10}
        maxLength={5000}
        value={draft.notes}
        onChange={(event) => change({ notes: event.currentTarget.value })}
        error={(checked && missing.notes && texts.needsNotes) || save.problem?.of("notes")}
      />
      <div className={classes.saves}>
        <Button
          type="submit"
          loading={save.pending || ready.pending}
          leftSection={<IconCheck size={18} aria-hidden />}
        >
          {saveText(inWrapUp, desk.wish)}
        </Button>
        {inWrapUp && !desk.wrap_up?.overdue && (
          <Button variant="default" onClick={() => void send(false)} disabled={save.pending}>
            {texts.saveOnly}
          </Button>
        )}
      </div>
      {!save.problem?.fields.some(({ field }) => PLACED.includes(field)) && <Said of={save} />}
      <Said of={ready} />
    </form>
  );
}

function saveText(inWrapUp: boolean, wish: string | null): string {
  if (!inWrapUp) return texts.save;
  if (wish === "break") return texts.saveBreak;
  return wish === "offline" ? texts.saveHome : texts.saveReady;
}

interface ChoicesProps {
  call: DeskCall;
  value: string | null;
  onChange: (name: string) => void;
}

function Choices({ call, value, onChange }: ChoicesProps) {
  return (
    <fieldset className={classes.choices}>
      <legend className="hidden-text">{texts.legend}</legend>
      {call.dispositions.map(({ name, meaning }, index) => (
        <label key={name} className={classes.choice} data-chosen={value === name || undefined}>
          <input
            type="radio"
            name="disposition"
            className="hidden-text"
            checked={value === name}
            onChange={() => onChange(name)}
          />
          {index < 9 && <Key>{index + 1}</Key>}
          <span>
            {name}
            {meaning !== "done" && <small>{texts.meanings[meaning]}</small>}
          </span>
          {index < 9 && <Digit digit={String(index + 1)} run={() => onChange(name)} />}
        </label>
      ))}
    </fieldset>
  );
}

function Digit({ digit, run }: { digit: string; run: () => void }) {
  useKey(digit, run);
  return null;
}

export function Wrong({ children }: { children: string }) {
  return (
    <p className={classes.wrong} role="alert">
      {children}
    </p>
  );
}

function useDraft(attempt: string): [Draft, (draft: Draft) => void] {
  const [draft, setDraft] = useState(() => keptDraft(sessionStorage.getItem(KEPT), attempt));
  useEffect(() => {
    if (draft.name !== null || draft.notes !== "") sessionStorage.setItem(KEPT, JSON.stringify(draft));
  }, [draft]);
  return [draft, setDraft];
}
