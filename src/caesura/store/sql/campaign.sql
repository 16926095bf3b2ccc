-- Campaigns, their settings' versions and their lists. Nothing here writes state or epoch: that is
-- lifecycle.sql's, so that no edit can overwrite a pause.

-- name: insert_campaign
INSERT INTO campaign (name, created_by) VALUES (%(name)s, %(actor)s)
ON CONFLICT (name) DO NOTHING
RETURNING id;

-- name: find_by_id
SELECT id FROM campaign WHERE id = %(id)s;

-- name: find_by_name
SELECT id FROM campaign WHERE name = %(name)s;

-- name: lock
-- The campaign as it stands, held against other writers of the row until the transaction ends.
SELECT id, name, state, epoch, settings_version FROM campaign WHERE id = %(id)s FOR NO KEY UPDATE;

-- name: standing
SELECT id, name, state, epoch, settings_version FROM campaign WHERE id = %(id)s;

-- name: rename
UPDATE campaign SET name = %(name)s WHERE id = %(id)s;

-- name: ids
-- Newest first, from below the cursor.
SELECT id FROM campaign
WHERE (%(before)s::bigint IS NULL OR id < %(before)s)
  AND (%(states)s::text[] IS NULL OR state = ANY(%(states)s))
  AND (%(name)s::text IS NULL OR strpos(lower(name), lower(%(name)s)) > 0)
ORDER BY id DESC
LIMIT %(limit)s;

-- name: ids_in
SELECT id FROM campaign WHERE state = ANY(%(states)s) ORDER BY id;

-- name: ids_to_stop
-- What runs, and what is paused and would resume by itself.
SELECT id FROM campaign
WHERE state IN ('running', 'pausing')
   OR (state = 'paused' AND (resume_at IS NOT NULL OR resume_when <> '[]'))
ORDER BY id;

-- name: views
-- What the campaign list and page show. 'claimed' leads are reported as due: a claim is the
-- dialer's business and may be given back at any moment.
WITH open AS (
    SELECT campaign_id,
           count(*) FILTER (WHERE answered_at IS NULL) AS ringing,
           count(*) FILTER (WHERE answered_at IS NOT NULL) AS talking
    FROM attempt
    WHERE state <> 'ended' AND campaign_id = ANY(%(ids)s)
    GROUP BY campaign_id
)
SELECT c.id, c.name, c.state AS status, c.epoch, c.state_since, c.settings_version, c.resume_at,
       c.resume_when, c.resume_set_by, c.resume_set_at, c.resumed_at, c.stopped_by, c.stopped_at,
       c.stopped_by IS NOT NULL AND (c.two_to_release OR coalesce(
           (SELECT (settings ->> 'second_approver_for_emergency_stop')::boolean
            FROM system_settings ORDER BY version DESC LIMIT 1), false)) AS two_to_release,
       c.created_by, c.created_at, c.agents_go_to,
       (SELECT name FROM campaign there WHERE there.id = c.agents_go_to) AS agents_go_to_name,
       s.digest AS settings_digest,
       s.settings ->> 'channel' AS channel,
       s.settings ->> 'channel' = 'voice'
           AND s.settings #>> '{pacing,kind}' IN ('preview', 'progressive', 'predictive')
           AS needs_agents,
       ARRAY(SELECT l.name FROM campaign_list cl JOIN contact_list l ON l.id = cl.list_id
             WHERE cl.campaign_id = c.id ORDER BY l.name) AS lists,
       r.id AS last_receipt_id, r.requested_at AS last_receipt_requested_at,
       f.launched, f.received, f.answered, f.talks_ended, f.talk_ms,
       f.sent, f.delivered, f.undelivered, f.replies, f.opt_outs,
       t.total, t.due, t.waiting, t.in_progress, t.held, t.done, t.excluded,
       coalesce(open.ringing, 0) AS ringing, coalesce(open.talking, 0) AS talking
FROM campaign c
JOIN campaign_settings s ON s.campaign_id = c.id AND s.version = c.settings_version
LEFT JOIN open ON open.campaign_id = c.id
LEFT JOIN LATERAL (
    SELECT id, requested_at FROM receipt WHERE campaign_id = c.id AND kind <> 'part'
    ORDER BY epoch DESC LIMIT 1
) AS r ON true
CROSS JOIN LATERAL (
    SELECT coalesce(sum(launched), 0)::bigint AS launched,
           coalesce(sum(received), 0)::bigint AS received,
           coalesce(sum(answered), 0)::bigint AS answered,
           coalesce(sum(talks_ended), 0)::bigint AS talks_ended,
           coalesce(sum(talk_ms), 0)::bigint AS talk_ms,
           coalesce(sum(sent), 0)::bigint AS sent,
           coalesce(sum(delivered), 0)::bigint AS delivered,
           coalesce(sum(undelivered), 0)::bigint AS undelivered,
           coalesce(sum(replies), 0)::bigint AS replies,
           coalesce(sum(opt_outs), 0)::bigint AS opt_outs
    FROM campaign_total WHERE campaign_id = c.id
) AS f
CROSS JOIN LATERAL (
    SELECT coalesce(sum(n), 0)::bigint AS total,
           coalesce(sum(n) FILTER (WHERE state IN ('due', 'claimed')), 0)::bigint AS due,
           coalesce(sum(n) FILTER (WHERE state = 'waiting'), 0)::bigint AS waiting,
           coalesce(sum(n) FILTER (WHERE state = 'in_progress'), 0)::bigint AS in_progress,
           coalesce(sum(n) FILTER (WHERE state = 'held'), 0)::bigint AS held,
           coalesce(sum(n) FILTER (WHERE state = 'done'), 0)::bigint AS done,
           coalesce(sum(n) FILTER (WHERE state = 'excluded'), 0)::bigint AS excluded
    FROM lead_tally WHERE campaign_id = c.id
) AS t
WHERE c.id = ANY(%(ids)s)
ORDER BY c.id DESC;

-- name: find_list
-- Held against deletion and against an import that would start now.
SELECT id, name, state FROM contact_list WHERE name = %(name)s FOR SHARE;

-- name: attach_list
INSERT INTO campaign_list (campaign_id, list_id) VALUES (%(campaign_id)s, %(list_id)s)
ON CONFLICT DO NOTHING;

-- name: lists
SELECT l.id, l.name FROM campaign_list cl JOIN contact_list l ON l.id = cl.list_id
WHERE cl.campaign_id = %(campaign_id)s ORDER BY l.name;

-- name: assigned_agents
-- Who works for the campaign, in one order for all.
SELECT u.name, s.priority, s.weight FROM assignment s JOIN app_user u ON u.id = s.agent_id
WHERE s.campaign_id = %(campaign_id)s ORDER BY s.agent_id;

-- name: campaigns_of_list
-- Those that may still dial.
SELECT c.id, coalesce(s.settings ->> 'channel', 'voice') AS channel
FROM campaign_list cl JOIN campaign c ON c.id = cl.campaign_id
JOIN campaign_settings s ON s.campaign_id = c.id AND s.version = c.settings_version
WHERE cl.list_id = %(list_id)s AND c.state NOT IN ('terminating', 'terminated', 'completed')
ORDER BY c.id;

-- name: insert_leads
-- One lead for each contact of the list that has none yet in the campaign. A contact starts with
-- its first number that is not on do-not-call; with none left it is excluded, and so is one whose
-- first number another list of the campaign already brought in. Excluded leads are kept, so that
-- the states add up to the lists.
-- The nested SELECT ... LIMIT 1 IS NULL keeps the lookup an index probe per number.
INSERT INTO lead (campaign_id, contact_id, state, priority, phone_index, zone, result)
SELECT %(campaign_id)s, p.id,
       CASE WHEN p.duplicate OR p.first IS NULL THEN 'excluded' ELSE 'due' END,
       p.priority,
       coalesce(p.first, 1),
       p.zones[coalesce(p.first, 1)],
       CASE WHEN p.duplicate THEN 'duplicate' WHEN p.first IS NULL THEN 'do_not_call' END
FROM (
    SELECT c.id, c.priority, c.zones,
           CASE WHEN (SELECT d.id FROM do_not_call d
                      WHERE d.phone = c.phones[1]
                        AND (d.campaign_id IS NULL OR d.campaign_id = %(campaign_id)s)
                        AND (d.channel IS NULL OR d.channel = %(channel)s)
                      LIMIT 1) IS NULL
                THEN 1
                ELSE (SELECT n.i FROM unnest(c.phones) WITH ORDINALITY AS n (phone, i)
                      WHERE (SELECT d.id FROM do_not_call d
                             WHERE d.phone = n.phone
                               AND (d.campaign_id IS NULL OR d.campaign_id = %(campaign_id)s)
                               AND (d.channel IS NULL OR d.channel = %(channel)s)
                             LIMIT 1) IS NULL
                      ORDER BY n.i LIMIT 1)
           END AS first,
           %(others)s AND EXISTS (
               SELECT FROM contact o JOIN lead e ON e.contact_id = o.id
               WHERE o.phones[1] = c.phones[1] AND o.id <> c.id
                 AND e.campaign_id = %(campaign_id)s) AS duplicate
    FROM contact c
    WHERE c.list_id = %(list_id)s
    ORDER BY c.id
) AS p
ON CONFLICT (campaign_id, contact_id) DO NOTHING;

-- name: insert_settings
INSERT INTO campaign_settings (campaign_id, version, settings, digest, changed_by)
VALUES (%(campaign_id)s, %(version)s, %(settings)s, %(digest)s, %(actor)s);

-- name: raise_settings_version
UPDATE campaign SET settings_version = %(version)s WHERE id = %(campaign_id)s;

-- name: settings
SELECT s.version, s.settings, s.digest, s.changed_by, s.changed_at
FROM campaign c
JOIN campaign_settings s ON s.campaign_id = c.id AND s.version = c.settings_version
WHERE c.id = %(campaign_id)s;

-- name: settings_versions
SELECT version, settings, digest, changed_by, changed_at FROM campaign_settings
WHERE campaign_id = %(campaign_id)s AND (%(before)s::int IS NULL OR version < %(before)s)
ORDER BY version DESC
LIMIT %(limit)s;

-- name: unknown_references
-- Which of the trunks, calling numbers, recordings and providers that the settings name do not exist.
SELECT 'trunks' AS field, name AS value
FROM unnest(%(trunks)s::text[]) AS name
WHERE NOT EXISTS (SELECT FROM trunk t WHERE t.name = name.name)
UNION ALL
SELECT 'calling_numbers', number
FROM unnest(%(numbers)s::text[]) AS number
WHERE NOT EXISTS (SELECT FROM calling_number n WHERE n.number = number.number)
UNION ALL
SELECT field, name
FROM unnest(%(recording_fields)s::text[], %(recordings)s::text[]) AS named(field, name)
WHERE NOT EXISTS (SELECT FROM recording r WHERE r.name = named.name)
UNION ALL
SELECT 'text.providers', name
FROM unnest(%(providers)s::text[]) AS name
WHERE NOT EXISTS (SELECT FROM provider p WHERE p.name = name.name);

-- name: users
-- The campaigns that may still dial and whose settings name this trunk, number or recording.
SELECT c.name FROM campaign c
JOIN campaign_settings s ON s.campaign_id = c.id AND s.version = c.settings_version
WHERE c.state NOT IN ('terminated', 'completed')
  AND CASE %(kind)s::text
        WHEN 'trunk' THEN s.settings -> 'trunks' ? %(name)s
        WHEN 'calling number' THEN s.settings -> 'calling_numbers' ? %(name)s
        WHEN 'provider' THEN s.settings #> '{text,providers}' ? %(name)s
            OR EXISTS (SELECT 1 FROM jsonb_array_elements(s.settings -> 'follow_ups') AS f
                       WHERE f #> '{text,providers}' ? %(name)s)
        WHEN 'recording' THEN %(name)s IN (s.settings -> 'message' ->> 'recording',
                                           s.settings -> 'agents' ->> 'abandoned_recording',
                                           s.settings -> 'agents' ->> 'lost_recording')
      END
ORDER BY c.name;

-- name: notify
-- Tells cells and dashboards; delivered with the commit.
SELECT pg_notify('campaign', json_build_object('id', %(campaign_id)s::bigint)::text);
