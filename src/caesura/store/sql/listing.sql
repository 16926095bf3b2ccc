-- Pages of calls and leads, for the API. Keyset paging: no page costs more than the first.

-- name: calls
SELECT a.id, c.name AS campaign, a.lead_id, a.channel, a.state, a.phone, a.calling_number, a.trunk,
       a.sip_call_id, a.journalled_at, a.launched_at, a.ringing_at, a.answered_at, a.ended_at,
       a.outcome, a.received, a.counted, a.ended_by, a.sip_status, a.q850_cause, a.detail,
       a.key_pressed, a.text, a.subject, a.address, a.segments, a.code, a.delivery_at,
       a.follow_up_id IS NOT NULL AS follow_up
FROM attempt a JOIN campaign c ON c.id = a.campaign_id
WHERE a.campaign_id = %(campaign_id)s
  AND (%(at)s::timestamptz IS NULL OR (a.journalled_at <= %(at)s
       AND (a.journalled_at < %(at)s OR a.id > %(id)s)))
  AND (%(outcomes)s::text[] IS NULL OR a.outcome = ANY(%(outcomes)s))
  AND (%(phone)s::text IS NULL OR a.phone = %(phone)s)
  AND (%(open)s::boolean IS NULL OR (a.state <> 'ended') = %(open)s)
ORDER BY a.journalled_at DESC, a.id
LIMIT %(limit)s;

-- name: ended_calls
-- How the newest calls of a campaign went that have ended.
SELECT launched_at, answered_at, ended_at, outcome,
       extract(epoch FROM ended_at - answered_at)::float8 AS duration_s
FROM attempt
WHERE campaign_id = %(campaign_id)s AND channel = 'voice' AND state = 'ended'
ORDER BY journalled_at DESC, id
LIMIT %(limit)s;

-- name: wrap_ups
-- How long the newest wrap-ups after its conversations took that are over.
SELECT extract(epoch FROM until - since)::float8 AS seconds
FROM presence
WHERE campaign_id = %(campaign_id)s AND presence = 'wrap_up' AND until IS NOT NULL
ORDER BY since DESC
LIMIT %(limit)s;

-- name: call
SELECT a.id, c.name AS campaign, a.lead_id, a.channel, a.state, a.phone, a.calling_number, a.trunk,
       a.sip_call_id, a.journalled_at, a.launched_at, a.ringing_at, a.answered_at, a.ended_at,
       a.outcome, a.received, a.counted, a.ended_by, a.sip_status, a.q850_cause, a.detail,
       a.key_pressed, a.text, a.subject, a.address, a.segments, a.code, a.delivery_at,
       a.follow_up_id IS NOT NULL AS follow_up, a.epoch, a.cell_id, l.contact_id, k.attributes, li.name AS list,
       k.line AS list_line
FROM attempt a
JOIN campaign c ON c.id = a.campaign_id
JOIN lead l ON l.id = a.lead_id
JOIN contact k ON k.id = l.contact_id
JOIN contact_list li ON li.id = k.list_id
WHERE a.id = %(id)s;

-- name: leads
SELECT l.id, CASE l.state WHEN 'claimed' THEN 'due' ELSE l.state END AS state,
       l.contact_id, k.phones, k.phones[l.phone_index] AS next_phone, l.zone, l.priority,
       l.due_at + CASE WHEN l.state = 'waiting' AND l.put_off THEN interval '0'
                       ELSE c.clock_offset END AS due_at,
       l.attempts, l.tries, l.result, li.name AS list, k.line AS list_line, k.attributes,
       coalesce((SELECT jsonb_agg(jsonb_build_object(
                        'at', r.at, 'sender', r.sender, 'text', r.text, 'meaning', r.meaning)
                        ORDER BY r.at)
                 FROM reply r WHERE r.lead_id = l.id), '[]') AS replies
FROM lead l
JOIN campaign c ON c.id = l.campaign_id
JOIN contact k ON k.id = l.contact_id
JOIN contact_list li ON li.id = k.list_id
WHERE l.campaign_id = %(campaign_id)s
  AND (%(after)s::bigint IS NULL OR l.contact_id > %(after)s)
  AND (%(states)s::text[] IS NULL OR l.state = ANY(%(states)s))
ORDER BY l.contact_id
LIMIT %(limit)s;
