/** What was changed during a pause (settings, lists, do-not-call), by whom; and which calls were missed. */
import { List, Text } from "@mantine/core";

import type { PauseChanges } from "../../api/campaign";
import words from "../../words/en/lifecycle";
import { clockIn } from "../format";
import classes from "./Dialogs.module.css";
import { settingName, settingText } from "./settingText";

const texts = words.resumeDialog;
const SHOWN = 10;

export function Changes({ changes }: { changes: PauseChanges }) {
  return (
    <>
      <MissedCallbacks missed={changes.missed_callbacks} />
      {changes.settings.length + changes.do_not_call.length > 0 && (
        <Text size="sm" fw={600}>
          {texts.changed}
        </Text>
      )}
      {changes.settings.map((each) => (
        <SettingsChange key={each.version} change={each} />
      ))}
      {changes.do_not_call.length > 0 && (
        <List size="sm">
          {changes.do_not_call.map((each) => (
            <List.Item key={`${each.added_by} ${each.source}`}>
              {texts.doNotCall(each.numbers, each.leads)}{" "}
              <span className="dim">{texts.by(each.added_by, each.last_at)}</span>
            </List.Item>
          ))}
        </List>
      )}
    </>
  );
}

function MissedCallbacks({ missed }: { missed: PauseChanges["missed_callbacks"] }) {
  if (missed.number === 0) return null;
  const more = missed.number - Math.min(missed.first.length, SHOWN);
  return (
    <div>
      <Text size="sm" fw={600}>
        {texts.missed(missed.number)}
      </Text>
      <List size="sm">
        {missed.first.slice(0, SHOWN).map((each) => (
          <List.Item key={`${each.name} ${each.promised_at}`}>
            {each.name}, {clockIn(each.promised_at, each.zone)}{" "}
            {each.agent && <span className="dim">{texts.promisedBy(each.agent)}</span>}
          </List.Item>
        ))}
      </List>
      <Text size="sm" c="dimmed">
        {more > 0 && texts.missedMore(more)} {texts.missedThen}
      </Text>
    </div>
  );
}

function SettingsChange({ change }: { change: PauseChanges["settings"][number] }) {
  return (
    <div>
      <Text size="sm" c="dimmed">
        {texts.by(change.changed_by, change.changed_at)}
      </Text>
      {change.lists_changed ? (
        <Text size="sm">{texts.lists}</Text>
      ) : (
        <table className={classes.changes}>
          <thead>
            <tr>
              <th scope="col">{texts.setting}</th>
              <th scope="col">{texts.before}</th>
              <th scope="col">{texts.now}</th>
            </tr>
          </thead>
          <tbody>
            {change.changes.map(({ field, before, after }) => (
              <tr key={field}>
                <td>{settingName(field)}</td>
                <td>{settingText(before)}</td>
                <td>
                  <strong>{settingText(after)}</strong>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </div>
  );
}
