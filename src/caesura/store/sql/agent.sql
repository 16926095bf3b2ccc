-- Agents: who takes conversations, and for which campaigns.

-- name: list_agents
-- All agents, or those given, with their campaigns that may still call, and what they do now.
SELECT a.id, u.name, a.skills, u.disabled_at IS NOT NULL AS disabled,
       a.retired_at IS NOT NULL AS retired,
       CASE WHEN a.phone IS NOT NULL THEN jsonb_build_object(
           'address', a.phone, 'trunk', t.name, 'calling_number', a.phone_calling_number)
       END AS phone,
       (SELECT coalesce(jsonb_agg(jsonb_build_object(
                   'campaign', jsonb_build_object('id', c.id, 'name', c.name),
                   'priority', s.priority, 'weight', s.weight)
                   ORDER BY s.priority DESC, c.name), '[]')
        FROM assignment s JOIN campaign c ON c.id = s.campaign_id
        WHERE s.agent_id = a.id AND c.state NOT IN ('terminated', 'completed')) AS assignments,
       CASE WHEN d.agent_id IS NOT NULL THEN jsonb_build_object(
           'presence', d.presence, 'reason', d.reason, 'since', d.since, 'device', d.device,
           'phone', d.phone_state,
           'campaign', CASE WHEN busy.id IS NOT NULL
                            THEN jsonb_build_object('id', busy.id, 'name', busy.name) END)
       END AS desk
FROM agent a
JOIN app_user u ON u.id = a.id
LEFT JOIN trunk t ON t.id = a.phone_trunk_id
LEFT JOIN desk d ON d.agent_id = a.id
LEFT JOIN campaign busy ON busy.id = coalesce(d.campaign_id, d.allotted_to)
WHERE %(agents)s::bigint[] IS NULL OR a.id = ANY(%(agents)s)
ORDER BY lower(u.name)

-- name: insert
-- A user takes conversations from now on. No row: they do already.
INSERT INTO agent (id, skills, created_by)
SELECT id, %(skills)s, %(actor)s FROM app_user WHERE lower(name) = lower(%(name)s)
ON CONFLICT DO NOTHING
RETURNING id

-- name: find
-- The agent of that name.
SELECT a.id FROM agent a JOIN app_user u ON u.id = a.id WHERE lower(u.name) = lower(%(name)s)

-- name: change
-- What is given is changed, the rest stays.
UPDATE agent a
SET skills = coalesce(%(skills)s, a.skills),
    retired_at = CASE WHEN %(retired)s::boolean IS NULL THEN a.retired_at
                      WHEN %(retired)s THEN coalesce(a.retired_at, now()) END
FROM app_user u
WHERE u.id = a.id AND lower(u.name) = lower(%(name)s)
RETURNING a.id

-- name: set_phone
-- Where they are called for a shift; all null: nowhere, the page has the sound.
UPDATE agent a
SET phone = %(address)s, phone_trunk_id = %(trunk)s, phone_calling_number = %(calling_number)s
FROM app_user u
WHERE u.id = a.id AND lower(u.name) = lower(%(name)s)
RETURNING a.id

-- name: phone_way
-- The trunk, and the calling number with the trunk that alone may show it.
SELECT t.id AS trunk, n.number AS calling_number, n.trunk_id AS only_trunk, o.name AS only_name
FROM (SELECT 1) AS one
LEFT JOIN trunk t ON t.name = %(trunk)s
LEFT JOIN calling_number n ON n.number = %(calling_number)s
LEFT JOIN trunk o ON o.id = n.trunk_id

-- name: phones_by
-- Whose telephone is called over this trunk, or shows this calling number.
SELECT u.name FROM agent a JOIN app_user u ON u.id = a.id
LEFT JOIN trunk t ON t.id = a.phone_trunk_id
WHERE t.name = %(trunk)s OR a.phone_calling_number = %(calling_number)s
ORDER BY lower(u.name)

-- name: tell
-- The cells are told with the commit.
SELECT pg_notify('agent', agent::text) FROM unnest(%(agents)s::bigint[]) AS agent

-- name: assignments
-- Who works for a campaign, and which of the skills that it asks for they lack.
SELECT s.agent_id, s.priority, s.weight,
       ARRAY(SELECT wanted.skill FROM campaign_settings w,
                    jsonb_array_elements_text(w.settings #> '{agents,skills}') AS wanted(skill)
             WHERE w.campaign_id = c.id AND w.version = c.settings_version
               AND wanted.skill <> ALL (a.skills)
             ORDER BY 1) AS lacks
FROM assignment s
JOIN campaign c ON c.id = s.campaign_id
JOIN agent a ON a.id = s.agent_id
WHERE s.campaign_id = %(campaign)s

-- name: named
-- Those of the names that are agents', by their place among the names, from 1.
SELECT v.n, a.id, a.retired_at IS NOT NULL AS retired
FROM unnest(%(names)s::text[]) WITH ORDINALITY AS v(name, n)
JOIN app_user u ON lower(u.name) = lower(trim(v.name))
JOIN agent a ON a.id = u.id

-- name: unassign
-- These work for the campaign no more.
DELETE FROM assignment WHERE campaign_id = %(campaign)s AND agent_id = ANY(%(agents)s)

-- name: assign
-- These work for the campaign, so.
INSERT INTO assignment (campaign_id, agent_id, priority, weight)
SELECT %(campaign)s, v.agent, v.priority, v.weight
FROM unnest(%(agents)s::bigint[], %(priorities)s::smallint[], %(weights)s::float8[])
     AS v(agent, priority, weight)
ON CONFLICT (campaign_id, agent_id) DO UPDATE
SET priority = excluded.priority, weight = excluded.weight
