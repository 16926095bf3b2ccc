/** Everything that a manager sets of a campaign. Nobody's change is overwritten unseen. */
import { Alert, Button, Group } from "@mantine/core";
import { IconAlertCircle, IconGitMerge } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useEffect, useState } from "react";

import { campaignSettings, saveSettings, type SettingsVersion } from "../../api/campaign";
import { asProblem, type Problem } from "../../api/problem";
import type { Campaign } from "../../live/state";
import {
  ConversationFields,
  NobodyThereFields,
  WhoFields,
  WrapUpFields,
} from "../../parts/campaign-settings/AgentFields";
import { needsAgents } from "../../parts/campaign-settings/agentPacing";
import {
  CapFields,
  MessageFields,
  NumberFields,
  PacingFields,
  PauseFields,
  RingFields,
} from "../../parts/campaign-settings/CallFields";
import { FollowUpFields } from "../../parts/campaign-settings/FollowUpFields";
import { OptOutFields, SendingFields, TextFields } from "../../parts/campaign-settings/MessageFields";
import classes from "../../parts/campaign-settings/Fields.module.css";
import { PriceFields, RuleFields } from "../../parts/campaign-settings/RuleFields";
import { changes, onTop } from "../../parts/campaign-settings/merge";
import { DateFields, HourFields, RetryFields } from "../../parts/campaign-settings/TimeFields";
import { Failure } from "../../parts/Failure";
import { when } from "../../parts/format";
import { settingName, settingText } from "../../parts/lifecycle/settingText";
import { said } from "../../parts/notices";
import { Waiting } from "../../parts/Waiting";
import words from "../../words/en/campaignSettings";

const OF_CALLS = [PacingFields, MessageFields, FollowUpFields, NumberFields];
const OF_AGENTS = [
  PacingFields,
  ConversationFields,
  WrapUpFields,
  WhoFields,
  NobodyThereFields,
  FollowUpFields,
  NumberFields,
];
const OF_MESSAGES = [TextFields, SendingFields, OptOutFields];
const OF_BOTH = [
  HourFields,
  DateFields,
  RetryFields,
  CapFields,
  PauseFields,
  PriceFields,
  RuleFields,
];

function groupsOf(settings: SettingsVersion["settings"]) {
  if (settings.channel !== "voice") return [...OF_MESSAGES, ...OF_BOTH];
  return [...(needsAgents(settings) ? OF_AGENTS : OF_CALLS), RingFields, ...OF_BOTH];
}

export default function Settings({ campaign }: { campaign: Campaign }) {
  const found = useQuery(campaignSettings(campaign.id));
  const { refetch } = found;
  useEffect(() => void refetch(), [campaign.settings_version, refetch]);
  if (found.isPending) return <Waiting />;
  if (!found.data) return <Failure problem={found.error} again={() => void refetch()} />;
  return <Form campaign={campaign} current={found.data} />;
}

function Form({ campaign, current }: { campaign: Campaign; current: SettingsVersion }) {
  const client = useQueryClient();
  const [base, setBase] = useState(current);
  const [draft, setDraft] = useState(current.settings);
  const mine = changes(base.settings, draft);

  // Somebody else's change goes in at once where nothing of ours is at stake.
  useEffect(() => {
    if (current.version > base.version && mine.length === 0) {
      setBase(current);
      setDraft(current.settings);
    }
  }, [current, base, mine.length]);

  const save = useMutation<SettingsVersion, Problem, void>({
    mutationFn: () => saveSettings(campaign.id, draft, base.version),
    onSuccess: (saved) => {
      client.setQueryData(campaignSettings(campaign.id).queryKey, saved);
      setBase(saved);
      setDraft(saved.settings);
      said(words.saved);
    },
    onError: (problem) => {
      if (problem.status === 412) void client.invalidateQueries(campaignSettings(campaign.id));
    },
  });
  const restart = (settings: SettingsVersion["settings"]): void => {
    setBase(current);
    setDraft(settings);
    save.reset();
  };
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    save.mutate();
  };
  const problem = save.error && save.error.status !== 412 ? save.error : null;
  const conflict = current.version > base.version && mine.length > 0;
  return (
    <form onSubmit={submit} noValidate>
      {problem && (
        <Alert
          color="red"
          icon={<IconAlertCircle size={18} />}
          title={words.failed}
          mb="sm"
          role="alert"
        >
          {asProblem(problem).message}
        </Alert>
      )}
      {conflict && (
        <Conflict
          base={base}
          mine={draft}
          theirs={current}
          onKeep={() => restart(onTop(base.settings, draft, current.settings))}
          onTake={() => restart(current.settings)}
        />
      )}
      <div className="card">
        {groupsOf(draft).map((Fields) => (
          <Fields
            key={Fields.name}
            value={draft}
            onChange={(change) => setDraft((now) => ({ ...now, ...change }))}
            problem={problem}
            campaign={campaign.id}
          />
        ))}
      </div>
      <div className={classes.bar}>
        <span className="dim" style={{ flex: 1 }}>
          {mine.length > 0
            ? words.unsaved(mine.length)
            : words.versionBy(base.version, base.changed_by, when(base.changed_at))}
        </span>
        {mine.length > 0 && (
          <Button variant="default" onClick={() => restart(current.settings)}>
            {words.revert}
          </Button>
        )}
        <Button
          type="submit"
          loading={save.isPending}
          disabled={mine.length === 0 || conflict}
        >
          {words.save}
        </Button>
      </div>
    </form>
  );
}

interface ConflictProps {
  base: SettingsVersion;
  mine: SettingsVersion["settings"];
  theirs: SettingsVersion;
  onKeep: () => void;
  onTake: () => void;
}

function Conflict({ base, mine, theirs, onKeep, onTake }: ConflictProps) {
  const texts = words.conflict;
  const ours = new Map(changes(base.settings, mine).map((each) => [each.path, each.now]));
  return (
    <Alert
      color="amber"
      icon={<IconGitMerge size={18} />}
      title={texts.title(theirs.changed_by)}
      mb="sm"
      role="alert"
    >
      <table className={classes.changes}>
        <thead>
          <tr>
            <th scope="col" aria-hidden />
            <th scope="col">{texts.theirs}</th>
            <th scope="col">{texts.mine}</th>
          </tr>
        </thead>
        <tbody>
          {changes(base.settings, theirs.settings).map(({ path, now }) => (
            <tr key={path}>
              <td>{settingName(path)}</td>
              <td>{settingText(now)}</td>
              <td>{ours.has(path) ? settingText(ours.get(path)) : "—"}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <Group gap="xs">
        <Button size="sm" onClick={onKeep}>
          {texts.keep}
        </Button>
        <Button size="sm" variant="default" onClick={onTake}>
          {texts.take}
        </Button>
      </Group>
    </Alert>
  );
}
