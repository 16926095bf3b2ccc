/** Who takes the campaign's conversations, in what order of preference, and what each does now. */
import { Anchor, Button, MultiSelect, NumberInput } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { IconAlertTriangle, IconHeadset, IconMessage2, IconUserMinus, IconVolume } from "@tabler/icons-react";
import { useState } from "react";
import { Link } from "wouter";

import { agents, assignAgents, type Assigned, type CampaignAgent, campaignAgents } from "../../api/agents";
import { campaignSettings } from "../../api/campaign";
import { asProblem, type Problem } from "../../api/problem";
import type { Campaign } from "../../live/state";
import { needsAgents } from "../../parts/campaign-settings/agentPacing";
import fields from "../../parts/campaign-settings/Fields.module.css";
import { DataTable } from "../../parts/DataTable";
import { Empty } from "../../parts/Empty";
import { Failure } from "../../parts/Failure";
import { said } from "../../parts/notices";
import { PresenceBadge } from "../../parts/PresenceBadge";
import { RowAction } from "../../parts/RowActions";
import { Section } from "../../parts/Section";
import { useNow } from "../../parts/useNow";
import { Waiting } from "../../parts/Waiting";
import words from "../../words/en/agents";
import campaignWords from "../../words/en/campaign";
import messages from "../../words/en/messages";
import { assignedOf, changesOf, rowsOf } from "./assignments";

const texts = words.campaign;

export default function Agents({ campaign }: { campaign: Campaign }) {
  const settings = useQuery(campaignSettings(campaign.id));
  const found = useQuery(campaignAgents(campaign.id));
  if (settings.isPending || found.isPending) return <Waiting />;
  if (!settings.data || !found.data) {
    const again = (): void => void Promise.all([settings.refetch(), found.refetch()]);
    return <Failure problem={settings.error ?? found.error} again={again} />;
  }
  if (!needsAgents(settings.data.settings) && found.data.length === 0) {
    return <NoneNeeded channel={campaign.channel} />;
  }
  return <Assignments id={campaign.id} current={found.data} />;
}

/** Nobody, as it plays or sends a message. */
function NoneNeeded({ channel }: { channel: string }) {
  const voice = channel === "voice";
  const none = voice ? campaignWords.agents : messages.agents;
  const hint = channel === "email" ? messages.agents.hintEmail : none.hint;
  return (
    <div className="card">
      <Empty
        icon={voice ? <IconVolume size={32} stroke={1.5} /> : <IconMessage2 size={32} stroke={1.5} />}
        title={none.title}
        hint={hint}
      />
    </div>
  );
}

function Assignments({ id, current }: { id: number; current: CampaignAgent[] }) {
  const client = useQueryClient();
  const everybody = useQuery(agents).data ?? [];
  const now = useNow();
  const [draft, setDraft] = useState<Assigned[] | null>(null); // null: nothing changed
  const saved = assignedOf(current);
  const assigned = draft ?? saved;
  const changed = changesOf(saved, assigned);
  const rows = rowsOf(assigned, current, everybody);
  const save = useMutation<CampaignAgent[], Problem, void>({
    mutationFn: () => assignAgents(id, assigned),
    onSuccess: (next) => {
      client.setQueryData(campaignAgents(id).queryKey, next);
      void client.invalidateQueries({ queryKey: agents.queryKey });
      setDraft(null);
      said(texts.saved);
    },
  });
  const put = (agent: string, part: Partial<Assigned>): void =>
    setDraft(assigned.map((each) => (each.agent === agent ? { ...each, ...part } : each)));
  const free = everybody.filter(
    ({ name, retired }) => !retired && !assigned.some(({ agent }) => agent === name),
  );
  return (
    <Section title={texts.title} lead={texts.lead} bare>
      {everybody.length > 0 && (
        <MultiSelect
          label={texts.assign}
          description={texts.assignHint}
          data={free.map(({ name }) => name)}
          value={[]}
          onChange={(names) =>
            setDraft([...assigned, ...names.map((agent) => ({ agent, priority: 5, weight: 1 }))])
          }
          searchable
          maw={420}
          mb="md"
          disabled={free.length === 0}
        />
      )}
      <div className="card">
        {rows.length === 0 ? (
          <Empty
            icon={<IconHeadset size={32} stroke={1.5} />}
            title={texts.empty}
            hint={everybody.length === 0 ? texts.emptyHintNone : texts.emptyHint}
            action={
              everybody.length === 0 && (
                <Button component={Link} href="/agents">
                  {texts.toAgents}
                </Button>
              )
            }
          />
        ) : (
          <DataTable
            label={texts.title}
            rows={rows}
            rowKey={({ agent }) => agent}
            faded={({ retired, disabled }) => retired || disabled}
            columns={[
              {
                key: "name",
                head: words.columns.name,
                cell: ({ agent, lacks }) => (
                  <>
                    <strong>{agent}</strong>
                    {lacks.length > 0 && (
                      <small style={{ display: "block", color: "var(--paused)" }}>
                        <IconAlertTriangle size={13} aria-hidden /> {texts.lacks(lacks.join(", "))}
                      </small>
                    )}
                  </>
                ),
              },
              {
                key: "now",
                head: words.columns.now,
                cell: ({ desk, retired }) =>
                  retired ? words.retired : <PresenceBadge desk={desk} now={now} />,
              },
              {
                key: "campaign",
                head: words.columns.campaign,
                cell: ({ desk }) =>
                  desk?.campaign ? (
                    desk.campaign.id === id ? (
                      desk.campaign.name
                    ) : (
                      <Anchor component={Link} href={`/campaigns/${desk.campaign.id}`} fz="inherit">
                        {desk.campaign.name}
                      </Anchor>
                    )
                  ) : (
                    "—"
                  ),
              },
              {
                key: "priority",
                head: words.columns.priority,
                cell: ({ agent, priority }) => (
                  <Figure
                    label={texts.priorityOf(agent)}
                    value={priority}
                    max={9}
                    onChange={(next) => put(agent, { priority: next })}
                  />
                ),
              },
              {
                key: "weight",
                head: words.columns.weight,
                cell: ({ agent, weight }) => (
                  <Figure
                    label={texts.weightOf(agent)}
                    value={weight}
                    max={1000}
                    decimal
                    onChange={(next) => put(agent, { weight: next })}
                  />
                ),
              },
              {
                key: "actions",
                head: words.columns.actions,
                actions: true,
                cell: ({ agent }) => (
                  <RowAction
                    icon={IconUserMinus}
                    label={texts.remove}
                    named={texts.removeNamed(agent)}
                    onClick={() => setDraft(assigned.filter((each) => each.agent !== agent))}
                  />
                ),
              },
            ]}
          />
        )}
      </div>
      {changed > 0 && (
        <div className={fields.bar}>
          <span className={save.error ? undefined : "dim"} style={{ flex: 1 }} role="status">
            {save.error ? asProblem(save.error).message : texts.unsaved(changed)}
          </span>
          <Button variant="default" onClick={() => setDraft(null)}>
            {texts.revert}
          </Button>
          <Button loading={save.isPending} onClick={() => save.mutate()}>
            {texts.save}
          </Button>
        </div>
      )}
    </Section>
  );
}

interface FigureProps {
  label: string;
  value: number;
  max: number;
  decimal?: boolean;
  onChange: (value: number) => void;
}

function Figure({ label, value, max, decimal = false, onChange }: FigureProps) {
  return (
    <NumberInput
      aria-label={label}
      size="xs"
      w={80}
      min={decimal ? 0.1 : 1}
      max={max}
      step={decimal ? 0.5 : 1}
      allowDecimal={decimal}
      decimalScale={2}
      clampBehavior="strict"
      value={value}
      onChange={(typed) => typeof typed === "number" && typed > 0 && onChange(typed)}
    />
  );
}
