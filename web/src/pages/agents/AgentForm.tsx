import { MultiSelect, SegmentedControl, Select, TagsInput, TextInput } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useMemo, useState } from "react";

import { addAgent, type Agent, agents, changeAgent, moveAgent } from "../../api/agents";
import { users } from "../../api/people";
import { useLive } from "../../live/store";
import { FormDialog } from "../../parts/FormDialog";
import { useSave } from "../../parts/useSave";
import words from "../../words/en/agents";
import { isWhole, PHONE_FIELDS, PhoneFields } from "./PhoneFields";

const texts = words.form;

interface Props {
  /** null: a new one. */
  agent: Agent | null;
  all: readonly Agent[];
  onClose: () => void;
  /** Of a new user; shown once. */
  onPassword: (name: string, password: string) => void;
}

export function AgentForm({ agent, all, onClose, onPassword }: Props) {
  const client = useQueryClient();
  const [who, setWho] = useState<"fresh" | "existing">("fresh");
  const [name, setName] = useState("");
  const [user, setUser] = useState<string | null>(null);
  const [skills, setSkills] = useState(agent?.skills ?? []);
  const before = useMemo(() => agent?.assignments.map(({ campaign }) => String(campaign.id)) ?? [], [agent]);
  const [chosen, setChosen] = useState(before);
  const [phone, setPhone] = useState(agent?.phone ?? null);
  const campaigns = useCampaignsThatMayCall(agent);
  const others = useQuery({ ...users, enabled: who === "existing" }).data?.items ?? [];
  const known = [...new Set(all.flatMap((each) => each.skills))].sort();

  const saving = useSave({
    save: async () => {
      const made = agent === null ? await make() : null;
      const called = agent?.name ?? made?.name ?? "";
      if (agent !== null) {
        const change = {
          ...(differ(skills, agent.skills) && { skills }),
          ...(differ(phone, agent.phone) && { phone }),
        };
        if (Object.keys(change).length > 0) await changeAgent(agent.name, change);
      }
      const into = chosen.filter((id) => !before.includes(id)).map(Number);
      const outOf = before.filter((id) => !chosen.includes(id)).map(Number);
      await moveAgent(called, into, outOf);
      for (const id of [...into, ...outOf]) {
        void client.invalidateQueries({ queryKey: ["campaign", id] });
      }
      return { name: called, password: made?.password ?? null };
    },
    says: ({ name: called, password }) =>
      agent ? texts.saved(called) : password === null ? texts.added(called) : null,
    stale: agents.queryKey,
    onClose,
  });
  const make = async () => {
    const made = await addAgent(who === "fresh" ? { name: name.trim() } : { user: user ?? "" }, skills);
    // The password is shown this once: whatever fails after this, it must not be lost.
    if (made.password !== null) onPassword(made.name, made.password);
    return made;
  };
  const ready = agent !== null ? isWhole(phone) : (who === "fresh" ? name.trim() !== "" : user !== null);
  return (
    <FormDialog
      {...saving.form}
      title={agent ? texts.editTitle(agent.name) : texts.addTitle}
      submit={agent ? texts.save : texts.add}
      disabled={!ready}
      fields={["name", "user", "skills", ...PHONE_FIELDS]}
    >
      {agent === null && (
        <>
          <SegmentedControl
            aria-label={texts.who}
            data={[
              { value: "fresh", label: texts.fresh },
              { value: "existing", label: texts.existing },
            ]}
            value={who}
            onChange={(next) => setWho(next as typeof who)}
          />
          {who === "fresh" ? (
            <TextInput
              label={texts.name}
              description={texts.nameHint}
              value={name}
              onChange={(event) => setName(event.currentTarget.value)}
              error={saving.wrong("name")}
              autoComplete="off"
              autoCapitalize="none"
              data-autofocus
            />
          ) : (
            <Select
              label={texts.existingLabel}
              data={others
                .filter((each) => each.disabled_at === null && !all.some((a) => a.name === each.name))
                .map((each) => each.name)}
              value={user}
              onChange={setUser}
              searchable
              error={saving.wrong("user")}
            />
          )}
        </>
      )}
      <TagsInput
        label={texts.skills}
        description={texts.skillsHint}
        placeholder={skills.length === 0 ? texts.skillsPlaceholder : undefined}
        data={known}
        value={skills}
        onChange={setSkills}
        maxLength={60}
        error={saving.wrong("skills")}
      />
      {agent !== null && <PhoneFields phone={phone} onChange={setPhone} wrong={saving.wrong} />}
      <MultiSelect
        label={texts.campaigns}
        description={texts.campaignsHint}
        data={campaigns}
        value={chosen}
        onChange={setChosen}
        searchable
      />
    </FormDialog>
  );
}

const differ = (one: unknown, other: unknown): boolean => JSON.stringify(one) !== JSON.stringify(other);

/** Voice campaigns that are not over, and those that they are in anyway. */
function useCampaignsThatMayCall(agent: Agent | null) {
  const text = useLive((now) =>
    JSON.stringify(
      [...now.campaigns.values()]
        .filter(({ channel, status }) => channel === "voice" && !["terminating", "terminated"].includes(status))
        .map(({ id, name }) => ({ value: String(id), label: name })),
    ),
  );
  return useMemo(() => {
    const found = JSON.parse(text) as { value: string; label: string }[];
    const theirs = agent?.assignments.map(({ campaign: { id, name } }) => ({ value: String(id), label: name }));
    const more = (theirs ?? []).filter(({ value }) => !found.some((each) => each.value === value));
    return [...found, ...more].sort((a, b) => a.label.localeCompare(b.label));
  }, [text, agent]);
}
