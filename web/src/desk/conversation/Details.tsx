/** Script, what the list says of the contact, and what was before. */
import type { DeskCall } from "../../api/desk";
import { when } from "../../parts/format";
import campaign from "../../words/en/campaign";
import words from "../../words/en/desk";
import classes from "../Desk.module.css";
import { Card } from "../parts";

export function Script({ call }: { call: DeskCall }) {
  if (call.script === null) return null;
  return (
    <Card title={words.script.title} first>
      <div className={classes.script}>{call.script}</div>
    </Card>
  );
}

export function Contact({ call }: { call: DeskCall }) {
  const entries = Object.entries(call.attributes).filter(([, value]) => textOf(value) !== "");
  return (
    <Card title={words.contact.title}>
      {entries.length === 0 ? (
        <p className={classes.none}>{words.contact.none}</p>
      ) : (
        <dl className={classes.attributes}>
          {entries.map(([name, value]) => (
            <div key={name}>
              <dt>{name.replaceAll("_", " ")}</dt>
              <dd>{textOf(value)}</dd>
            </div>
          ))}
        </dl>
      )}
    </Card>
  );
}

export function History({ call }: { call: DeskCall }) {
  const texts = words.history;
  return (
    <Card title={texts.title}>
      {call.history.length === 0 ? (
        <p className={classes.none}>{texts.none}</p>
      ) : (
        <ol className={classes.history}>
          {call.history.map((each) => (
            <li key={each.at}>
              <strong>{each.disposition ?? outcomeText(each.outcome)}</strong>
              <span>
                {when(each.at)}
                {each.agent && ` ${texts.by(each.agent)}`}
              </span>
              {each.notes && <p>{each.notes}</p>}
            </li>
          ))}
        </ol>
      )}
    </Card>
  );
}

function outcomeText(outcome: string | null): string {
  if (outcome === null) return "…";
  return (campaign.outcomes as Record<string, string>)[outcome] ?? outcome;
}

function textOf(value: unknown): string {
  if (value === null || value === undefined) return "";
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}
