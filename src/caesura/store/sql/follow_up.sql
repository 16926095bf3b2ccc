-- Messages that follow on a call or a reply. First the journal, then the wire, as for everything.

-- name: plan
-- What follows on attempts that have ended; once, however often the end is stored.
INSERT INTO follow_up (campaign_id, lead_id, kind, after, channel, phone, zone, sender, providers,
                       text, subject, address, segments, state, result, due_at)
SELECT a.campaign_id, a.lead_id, 'follow_up', a.id || ' ' || v.rule, v.channel, a.phone, v.zone,
       v.sender, string_to_array(v.providers, E'\n'), v.text, v.subject, v.address, v.segments,
       CASE WHEN v.problem IS NULL THEN 'due' ELSE 'refused' END, v.problem, v.due_at
FROM unnest(%(attempts)s::uuid[], %(rules)s::int[], %(channels)s::text[], %(zones)s::text[],
            %(senders)s::text[], %(providers)s::text[], %(texts)s::text[], %(subjects)s::text[],
            %(addresses)s::text[], %(segments)s::smallint[], %(problems)s::text[],
            %(due)s::timestamptz[])
     AS v(attempt, rule, channel, zone, sender, providers, text, subject, address, segments,
          problem, due_at)
JOIN attempt a ON a.id = v.attempt AND a.state = 'ended'
ON CONFLICT (after) DO NOTHING

-- name: answer
-- What is sent back to a reply.
INSERT INTO follow_up (campaign_id, lead_id, kind, after, channel, phone, zone, sender, providers,
                       text, segments, due_at)
SELECT a.campaign_id, a.lead_id, 'answer', 'reply ' || %(reply)s::bigint, a.channel, a.phone, l.zone,
       a.calling_number, %(providers)s::text[], %(text)s, %(segments)s, clock_timestamp()
FROM attempt a JOIN lead l ON l.id = a.lead_id WHERE a.id = %(attempt)s
ON CONFLICT (after) DO NOTHING

-- name: due
-- Of each campaign with messages still to come, how many may be sent now, up to a number: asked four
-- times a second, it reads none that are planned for later. The statement's time, because an index
-- is read up to a moment only if that stands still.
SELECT c.id AS campaign_id,
       (SELECT count(*) FROM (SELECT 1 FROM follow_up f
                              WHERE f.campaign_id = c.id AND f.state = 'due'
                                AND f.due_at <= statement_timestamp()
                              LIMIT %(limit)s) AS due_now) AS now
FROM unnest(%(campaigns)s::bigint[]) AS c(id)
WHERE EXISTS (SELECT 1 FROM follow_up f WHERE f.campaign_id = c.id AND f.state = 'due')

-- name: take
-- Some that are due, held until the transaction ends. `rule`: which of the settings' follow_ups it is.
SELECT f.id, f.lead_id, f.kind, f.channel, f.phone, f.zone, f.sender, f.providers, f.text, f.subject,
       f.address, f.segments, c.list_id, c.region,
       CASE WHEN f.kind = 'follow_up' THEN split_part(f.after, ' ', 2)::int END AS rule
FROM follow_up f JOIN lead l ON l.id = f.lead_id JOIN contact c ON c.id = l.contact_id
WHERE f.campaign_id = %(campaign)s AND f.state = 'due' AND f.due_at <= clock_timestamp()
ORDER BY f.due_at, f.id LIMIT %(limit)s
FOR UPDATE OF f SKIP LOCKED

-- name: put_off
-- Refused: for good, or until a moment.
UPDATE follow_up f
SET state = CASE WHEN v.again_at IS NULL THEN 'refused' ELSE 'due' END, result = v.reason,
    due_at = coalesce(v.again_at, f.due_at)
FROM unnest(%(ids)s::bigint[], %(reasons)s::text[], %(again)s::timestamptz[])
     AS v(id, reason, again_at)
WHERE f.id = v.id

-- name: journal
-- The caller holds the lease and the rows.
WITH journalled AS (
    UPDATE follow_up SET state = 'journalled', result = NULL WHERE id = ANY(%(ids)s) RETURNING *
)
INSERT INTO attempt (id, campaign_id, lead_id, cell_id, epoch, state, phone, calling_number, channel,
                     text, subject, address, segments, counted, follow_up_id)
SELECT v.attempt, f.campaign_id, f.lead_id, %(cell)s, %(epoch)s, 'launching', f.phone, f.sender,
       f.channel, f.text, f.subject, f.address, f.segments, false, f.id
FROM unnest(%(attempts)s::uuid[], %(ids)s::bigint[]) AS v(attempt, id)
JOIN journalled f ON f.id = v.id

-- name: wait_for
-- A launch whose commit is in doubt has these locked until it is known.
SELECT 1 FROM follow_up WHERE id = ANY(%(ids)s) ORDER BY id FOR UPDATE
