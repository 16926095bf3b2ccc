-- What desks show: read for many agents at once, as a pause concerns many.

-- name: desks
-- Agents and what they do. Without a shift, what is of the desk is null.
SELECT a.id, u.name, a.skills, d.agent_id IS NOT NULL AS on_shift, d.presence, d.reason, d.since,
       coalesce(d.device, false) AS device, d.wish, d.until, d.overdue, d.extended, d.disposed,
       d.muted, d.on_hold, d.allotted_to, next.name AS allotted_name, d.allotted_why, d.notice,
       CASE WHEN d.agent_id IS NULL THEN a.phone ELSE d.phone END AS phone, d.phone_state,
       told.name AS notice_campaign, instead.name AS notice_next
FROM agent a
JOIN app_user u ON u.id = a.id
LEFT JOIN desk d ON d.agent_id = a.id
LEFT JOIN campaign next ON next.id = d.allotted_to
LEFT JOIN campaign told ON told.id = (d.notice ->> 'campaign')::bigint
LEFT JOIN campaign instead ON instead.id = (d.notice ->> 'next')::bigint
WHERE a.id = ANY(%(agents)s) AND a.retired_at IS NULL

-- name: campaigns
-- The campaigns that they are assigned to and that have not ended, with the standing pause.
SELECT s.agent_id, c.id, c.name, c.state AS status, s.priority, p.actor AS paused_by,
       p.reason AS pause_reason, p.requested_at AS paused_at
FROM assignment s
JOIN campaign c ON c.id = s.campaign_id
LEFT JOIN LATERAL (
    SELECT actor, reason, requested_at FROM receipt
    WHERE campaign_id = c.id AND kind = 'pause' ORDER BY epoch DESC LIMIT 1
) AS p ON c.state IN ('pausing', 'paused')
WHERE s.agent_id = ANY(%(agents)s) AND c.state NOT IN ('terminated', 'completed')
ORDER BY s.priority DESC, c.name

-- name: calls
-- What they are busy with: the lead, its contact, the call and their part in the conversation.
-- The number's zone is that of the number that was called; the lead's may be of the next one.
SELECT d.agent_id, d.attempt_id AS attempt, l.id AS lead, c.id AS campaign_id, c.name AS campaign,
       coalesce(a.phone, ct.phones[l.phone_index]) AS phone, a.calling_number, cl.name AS list,
       coalesce(ct.zones[array_position(ct.phones, a.phone)], l.zone) AS zone, ct.region,
       ct.attributes, a.answered_at, talk.began_at,
       coalesce(talk.ended_at, a.ended_at) AS ended_at, talk.end_reason,
       coalesce(s.settings -> 'agents', '{}') AS settings,
       said.name AS disposition, said.notes, said.callback_at
FROM desk d
LEFT JOIN attempt a ON a.id = d.attempt_id
JOIN lead l ON l.id = coalesce(a.lead_id, d.lead_id)
JOIN contact ct ON ct.id = l.contact_id
JOIN contact_list cl ON cl.id = ct.list_id
JOIN campaign c ON c.id = l.campaign_id
JOIN campaign_settings s ON s.campaign_id = c.id AND s.version = c.settings_version
LEFT JOIN LATERAL (
    SELECT began_at, ended_at, end_reason FROM conversation
    WHERE attempt_id = a.id AND agent_id = d.agent_id ORDER BY began_at DESC LIMIT 1
) AS talk ON true
LEFT JOIN disposition said ON said.attempt_id = a.id AND said.agent_id = d.agent_id
WHERE d.agent_id = ANY(%(agents)s)
  AND d.presence IN ('preview', 'calling', 'on_call', 'wrap_up')

-- name: history
-- The last attempts for the lead of each of these agents, but for the one at hand, newest first.
SELECT v.agent AS agent_id, past.at, past.outcome, said.name AS disposition, said.notes, u.name AS agent
FROM unnest(%(agents)s::bigint[], %(leads)s::bigint[], %(attempts)s::uuid[])
     AS v(agent, lead, attempt)
CROSS JOIN LATERAL (
    SELECT id, coalesce(launched_at, journalled_at) AS at, outcome, journalled_at FROM attempt
    WHERE lead_id = v.lead AND state = 'ended' AND id IS DISTINCT FROM v.attempt
    ORDER BY journalled_at DESC LIMIT %(limit)s
) AS past
LEFT JOIN disposition said ON said.attempt_id = past.id
LEFT JOIN LATERAL (
    SELECT agent_id FROM conversation WHERE attempt_id = past.id ORDER BY began_at DESC LIMIT 1
) AS talk ON true
LEFT JOIN app_user u ON u.id = coalesce(said.agent_id, talk.agent_id)
ORDER BY past.journalled_at DESC

-- name: colleagues
-- Others on shift on the same cell who may take a call of the campaign that the agent is busy with,
-- or else allotted to; the free ones first.
SELECT u.name, d.presence, d.presence = 'available' AND d.device AS free
FROM desk mine
JOIN campaign c ON c.id = coalesce(mine.campaign_id, mine.allotted_to)
JOIN campaign_settings s ON s.campaign_id = c.id AND s.version = c.settings_version
JOIN desk d ON d.cell_id = mine.cell_id AND d.agent_id <> mine.agent_id
JOIN agent a ON a.id = d.agent_id
JOIN app_user u ON u.id = a.id
WHERE mine.agent_id = %(agent)s AND a.retired_at IS NULL
  AND (d.allotted_to = c.id
       OR (EXISTS (SELECT FROM assignment o WHERE o.campaign_id = c.id AND o.agent_id = a.id)
           AND coalesce(s.settings #> '{agents,skills}', '[]') <@ to_jsonb(a.skills)))
ORDER BY free DESC, lower(u.name)

-- name: today_conversations
-- How many, and for how long.
SELECT count(DISTINCT attempt_id) AS conversations,
       coalesce(sum(extract(epoch FROM coalesce(ended_at, now()) - began_at)), 0)::float8 AS talk_s
FROM conversation WHERE agent_id = %(agent)s AND began_at >= %(since)s

-- name: today_presences
-- Seconds in each presence; the one that reached into the day counts from its beginning.
SELECT presence,
       sum(extract(epoch FROM coalesce(until, now()) - greatest(since, %(since)s)))::float8 AS s
FROM presence
WHERE agent_id = %(agent)s AND coalesce(until, now()) > %(since)s
  AND since >= coalesce((SELECT max(since) FROM presence
                         WHERE agent_id = %(agent)s AND since <= %(since)s), '-infinity')
GROUP BY presence

-- name: today_dispositions
-- What was said, and how often.
SELECT name, count(*) AS count FROM disposition
WHERE agent_id = %(agent)s AND at >= %(since)s
GROUP BY name ORDER BY count DESC, name

-- name: callbacks
-- Calls that the agent promised, for themselves or anybody, and that are still to be made.
SELECT d.callback_at AS at, c.id AS campaign_id, c.name AS campaign, a.phone, ct.attributes,
       d.callback_agent IS NOT NULL AS for_me
FROM disposition d
JOIN attempt a ON a.id = d.attempt_id
JOIN lead l ON l.id = a.lead_id
JOIN contact ct ON ct.id = l.contact_id
JOIN campaign c ON c.id = d.campaign_id
WHERE d.agent_id = %(agent)s AND d.callback_at IS NOT NULL
  AND l.callback_at = d.callback_at AND l.state IN ('due', 'waiting', 'claimed', 'held')
  AND c.state NOT IN ('terminating', 'terminated', 'completed')
ORDER BY d.callback_at LIMIT %(limit)s

-- name: today_last
-- The agent's last conversations, newest first.
SELECT v.attempt_id AS attempt, v.began_at, v.ended_at, c.id AS campaign_id, c.name AS campaign,
       a.phone, ct.attributes, said.name AS disposition
FROM conversation v
JOIN attempt a ON a.id = v.attempt_id
JOIN lead l ON l.id = a.lead_id
JOIN contact ct ON ct.id = l.contact_id
JOIN campaign c ON c.id = v.campaign_id
LEFT JOIN disposition said ON said.attempt_id = v.attempt_id AND said.agent_id = v.agent_id
WHERE v.agent_id = %(agent)s AND v.began_at >= %(since)s
ORDER BY v.began_at DESC LIMIT %(limit)s
