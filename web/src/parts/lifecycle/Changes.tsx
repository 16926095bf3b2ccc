/** What was changed during a pause: settings, lists, do-not-call; and by whom. */
import { List, Text } from "@mantine/core";

import type { PauseChanges } from "../../api/campaign";
import words from "../../words/en/lifecycle";
import classes from "./Dialogs.module.css";
import { settingName, settingText } from "./settingText";

const texts = words.resumeDialog;

export function anyChange(changes: PauseChanges): boolean {
  return changes.settings.length + changes.do_not_call.length > 0;
}

export function Changes({ changes }: { changes: PauseChanges }) {
  return (
    <>
      <Text size="sm" fw={600}>
        {texts.changed}
      </Text>
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
