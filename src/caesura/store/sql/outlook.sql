-- What stands and what lies ahead: open calls, work left, changes during a pause, a new campaign.

-- name: open_calls
SELECT ringing_at, answered_at FROM attempt
WHERE campaign_id = %(campaign_id)s AND state <> 'ended';

-- name: finished
-- How many leads were brought to their end since a moment.
SELECT count(DISTINCT a.lead_id) AS n
FROM attempt a JOIN lead l ON l.id = a.lead_id
WHERE a.campaign_id = %(campaign_id)s AND l.state = 'done'
  AND a.journalled_at >= %(since)s::timestamptz - interval '1 hour' AND a.ended_at >= %(since)s;

-- name: last_due_at
-- The last retry, or end of a wait, that is planned now.
SELECT greatest((SELECT due_at FROM lead
                 WHERE campaign_id = c.id AND state = 'waiting' AND NOT put_off
                 ORDER BY due_at DESC LIMIT 1) + c.clock_offset,
                (SELECT due_at FROM lead WHERE campaign_id = c.id AND state = 'waiting' AND put_off
                 ORDER BY due_at DESC LIMIT 1)) AS due_at
FROM campaign c WHERE c.id = %(campaign_id)s;

-- name: running_since
-- When the campaign last began to run.
SELECT max(at) AS at FROM transition
WHERE campaign_id = %(campaign_id)s AND to_state = 'running' AND from_state <> to_state;

-- name: call_s
-- How long calls, or messages, take from launch to end: the newest of the campaigns that were active last.
SELECT avg(extract(epoch FROM a.ended_at - a.launched_at))::float8 AS call_s, count(*) AS n
FROM (SELECT id FROM campaign WHERE state <> 'draft' ORDER BY state_since DESC LIMIT 5) AS c
CROSS JOIN LATERAL (
    SELECT ended_at, launched_at FROM attempt
    WHERE campaign_id = c.id AND state = 'ended' AND launched_at IS NOT NULL
      AND (channel = 'voice') = %(voice)s AND follow_up_id IS NULL
    ORDER BY journalled_at DESC LIMIT 400
) AS a;

-- name: settings_between
-- The versions made in a span, and before them the one that stood when it began; oldest first.
SELECT version, settings, digest, changed_by, changed_at FROM campaign_settings
WHERE campaign_id = %(campaign_id)s AND changed_at < %(end)s
  AND version >= coalesce((SELECT max(version) FROM campaign_settings
                           WHERE campaign_id = %(campaign_id)s AND changed_at < %(start)s), 1)
ORDER BY version;

-- name: do_not_call_between
-- The numbers added in a span that concern the campaign, by whom, and how many of its leads.
SELECT d.added_by, d.source, count(DISTINCT d.id) AS numbers, count(l.id) AS leads,
       max(d.added_at) AS last_at
FROM do_not_call d
LEFT JOIN contact c ON c.phones[1] = d.phone
LEFT JOIN lead l ON l.contact_id = c.id AND l.campaign_id = %(campaign_id)s
WHERE d.added_at >= %(start)s AND d.added_at < %(end)s
  AND (d.campaign_id IS NULL OR d.campaign_id = %(campaign_id)s)
GROUP BY d.added_by, d.source
ORDER BY max(d.added_at) DESC;

-- name: missed_callbacks
-- Callbacks that were promised for a moment of the span and were not made yet, the oldest first; and
-- how many there are.
SELECT l.callback_at, ct.attributes, ct.phones[l.phone_index] AS phone,
       coalesce(ct.zones[l.phone_index], l.zone) AS zone, u.name AS agent,
       count(*) OVER () AS number
FROM lead l
JOIN contact ct ON ct.id = l.contact_id
LEFT JOIN app_user u ON u.id = l.callback_agent
WHERE l.campaign_id = %(campaign_id)s AND l.state IN ('waiting', 'due')
  AND l.callback_at >= %(start)s AND l.callback_at < %(end)s
ORDER BY l.callback_at
LIMIT %(limit)s;

-- name: lists_named
SELECT id, name, state FROM contact_list WHERE name = ANY(%(names)s);

-- name: some_contacts
-- The first contacts of these lists, with what a message may say of them.
SELECT c.id, c.phones, c.zones, c.attributes, l.name AS list, c.line AS list_line
FROM contact c JOIN contact_list l ON l.id = c.list_id
WHERE c.list_id = ANY(%(lists)s)
ORDER BY c.list_id, c.id
LIMIT %(limit)s;

-- name: preview_leads
-- What campaign.sql's insert_leads would make of these lists: leads by zone, or why excluded.
WITH picked AS (
    SELECT c.phones, c.zones,
           row_number() OVER (PARTITION BY c.phones[1] ORDER BY c.list_id, c.id) > 1 AS duplicate
    FROM contact c WHERE c.list_id = ANY(%(lists)s)
), first AS (
    SELECT p.duplicate, p.zones, n.i
    FROM picked p LEFT JOIN LATERAL (
        SELECT u.i FROM unnest(p.phones) WITH ORDINALITY AS u (phone, i)
        WHERE (SELECT d.id FROM do_not_call d
               WHERE d.phone = u.phone AND d.campaign_id IS NULL
                 AND (d.channel IS NULL OR d.channel = %(channel)s) LIMIT 1) IS NULL
        ORDER BY u.i LIMIT 1
    ) AS n ON true
)
SELECT CASE WHEN duplicate THEN 'duplicate' WHEN i IS NULL THEN 'do_not_call' END AS excluded,
       CASE WHEN NOT duplicate THEN zones[i] END AS zone, count(*) AS n
FROM first GROUP BY 1, 2;
