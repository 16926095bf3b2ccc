-- What becomes of messages after their provider has taken them, and what their recipients reply.

-- name: taken
-- What the provider calls the segments of a message. A receipt that came first waits here.
INSERT INTO message_part AS p (provider, message_id, attempt_id)
SELECT v.provider, v.message_id, v.attempt
FROM unnest(%(providers)s::text[], %(message_ids)s::text[], %(attempts)s::uuid[])
     AS v(provider, message_id, attempt)
JOIN attempt a ON a.id = v.attempt
ORDER BY 1, 2
ON CONFLICT (provider, message_id) DO UPDATE
SET attempt_id = excluded.attempt_id,
    -- Of another message that had this id long ago, nothing is kept.
    state = CASE WHEN p.attempt_id IS NULL OR p.attempt_id = excluded.attempt_id THEN p.state END
RETURNING attempt_id, state

-- name: delivery
-- Receipts by the provider's message id, whosever it is. The first word on a message's end
-- stays, but for "delivered", which corrects any other.
INSERT INTO message_part AS p (provider, message_id, state, at, code, detail)
SELECT v.provider, v.message_id, v.state, v.at, v.code, v.detail
FROM unnest(%(providers)s::text[], %(message_ids)s::text[], %(states)s::text[],
            %(at)s::timestamptz[], %(codes)s::text[], %(details)s::text[])
     AS v(provider, message_id, state, at, code, detail)
ORDER BY 1, 2
ON CONFLICT (provider, message_id) DO UPDATE
SET state = excluded.state, at = excluded.at, code = excluded.code, detail = excluded.detail
WHERE p.state IS NULL OR p.state IN ('sent', 'unknown')
   OR (excluded.state = 'delivered' AND p.state <> 'delivered')
RETURNING attempt_id

-- name: lock
-- Two receipts of one message in two transactions: the second sees what the first has stored.
SELECT 1 FROM attempt WHERE id = ANY(%(attempts)s) ORDER BY id FOR UPDATE

-- name: resolve
-- Messages of which every segment's fate, or one segment's failure, is known by now.
WITH fate AS (
    SELECT a.id, max(p.at) AS at,
           CASE WHEN bool_or(p.state IN ('undelivered', 'expired', 'rejected'))
                THEN min(p.state) FILTER (WHERE p.state IN ('undelivered', 'expired', 'rejected'))
                WHEN bool_and(p.state IS NOT DISTINCT FROM 'delivered') AND count(*) >= coalesce(a.segments, 1)
                THEN 'delivered' END AS outcome,
           min(p.code) FILTER (WHERE p.state IN ('undelivered', 'expired', 'rejected')) AS code,
           min(p.detail) FILTER (WHERE p.state IN ('undelivered', 'expired', 'rejected')) AS detail
    FROM attempt a JOIN message_part p ON p.attempt_id = a.id
    WHERE a.id = ANY(%(attempts)s) AND a.state = 'ended'
    GROUP BY a.id, a.segments
), before AS (
    SELECT a.id, a.outcome FROM attempt a JOIN fate f ON f.id = a.id
    WHERE f.outcome IS DISTINCT FROM a.outcome AND f.outcome IS NOT NULL
      AND a.outcome IN ('sent', 'unknown', 'undelivered', 'expired', 'rejected')
), changed AS (
    UPDATE attempt a
    SET outcome = f.outcome, delivery_at = coalesce(f.at, a.ended_at),
        code = f.code, detail = coalesce(f.detail, '')
    FROM fate f JOIN before b ON b.id = f.id
    WHERE a.id = f.id
    RETURNING a.id, a.campaign_id, a.lead_id, a.follow_up_id, a.ended_at, a.delivery_at,
              a.outcome, b.outcome AS outcome_before
), shown AS (
    -- Who is about to be sent it again, and got it after all, is done.
    UPDATE lead l SET result = c.outcome, state = 'done' FROM changed c
    WHERE l.id = c.lead_id AND c.follow_up_id IS NULL AND l.result = c.outcome_before
      AND (l.state = 'done' OR (l.state IN ('waiting', 'due') AND c.outcome = 'delivered'))
), minutes AS (
    INSERT INTO campaign_minute AS m (campaign_id, minute, shard, sent, delivered, undelivered)
    SELECT campaign_id, date_trunc('minute', delivery_at), pg_backend_pid() %% 1024,
           -- in doubt until now, and taken all the same
           count(*) FILTER (WHERE outcome_before = 'unknown'),
           count(*) FILTER (WHERE outcome = 'delivered'),
           count(*) FILTER (WHERE outcome <> 'delivered')
               - count(*) FILTER (WHERE outcome_before IN ('undelivered', 'expired', 'rejected'))
    FROM changed GROUP BY 1, 2 ORDER BY 1, 2
    ON CONFLICT (campaign_id, minute, shard) DO UPDATE
    SET sent = m.sent + excluded.sent, delivered = m.delivered + excluded.delivered,
        undelivered = m.undelivered + excluded.undelivered
), outcomes AS (
    INSERT INTO outcome_minute AS o (campaign_id, minute, outcome, shard, n)
    SELECT campaign_id, minute, outcome, pg_backend_pid() %% 1024, sum(n)
    FROM (SELECT campaign_id, date_trunc('minute', ended_at) AS minute, outcome, 1 AS n
          FROM changed WHERE follow_up_id IS NULL
          UNION ALL SELECT campaign_id, date_trunc('minute', ended_at), outcome_before, -1
          FROM changed WHERE follow_up_id IS NULL) AS change
    GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
    ON CONFLICT (campaign_id, minute, outcome, shard) DO UPDATE SET n = o.n + excluded.n
)
SELECT id, campaign_id, lead_id, follow_up_id, outcome, outcome_before, delivery_at FROM changed

-- name: undelivered
-- Leads that are done with these outcomes of their messages, where the campaign may send again. The
-- campaign's row is held, so that it does not complete meanwhile.
SELECT l.id, l.phone_index, l.attempts, l.tries, co.zones, s.settings, v.outcome, v.at
FROM unnest(%(leads)s::bigint[], %(outcomes)s::text[], %(at)s::timestamptz[])
     AS v(lead, outcome, at)
JOIN lead l ON l.id = v.lead JOIN contact co ON co.id = l.contact_id
JOIN campaign c ON c.id = l.campaign_id
JOIN campaign_settings s ON s.campaign_id = c.id AND s.version = c.settings_version
WHERE l.state = 'done' AND l.result = v.outcome AND c.state IN ('running', 'pausing', 'paused')
ORDER BY l.id
FOR SHARE OF c FOR UPDATE OF l

-- name: bring_back
-- They are to be sent it again.
UPDATE lead l
SET state = v.state, due_at = v.due - c.clock_offset, phone_index = v.phone_index, zone = v.zone,
    attempts = v.attempts, tries = v.tries
FROM unnest(%(leads)s::bigint[], %(states)s::text[], %(due)s::timestamptz[],
            %(phone_index)s::smallint[], %(zones)s::text[], %(attempts)s::smallint[],
            %(tries)s::jsonb[])
     AS v(lead, state, due, phone_index, zone, attempts, tries)
JOIN lead held ON held.id = v.lead JOIN campaign c ON c.id = held.campaign_id
WHERE l.id = v.lead

-- name: awaited
-- Messages of a campaign whose receipts have not come, and until when they are waited for: so long
-- after the minute of the last one. By the roll-ups, as it is asked again and again.
SELECT (SELECT sum(sent) - sum(delivered) - sum(undelivered) FROM campaign_total
        WHERE campaign_id = %(campaign)s)::bigint AS n,
       max(minute) + interval '1 minute' + %(within)s::interval AS until
FROM campaign_minute
WHERE campaign_id = %(campaign)s AND sent > 0
  AND minute > clock_timestamp() - interval '1 minute' - %(within)s::interval

-- name: message_of
-- The last message that each sender of a reply got, from the number replied to if there is one.
SELECT v.n, a.id AS attempt_id, a.lead_id, a.campaign_id, a.channel, s.settings
FROM unnest(%(numbers)s::int[], %(senders)s::text[], %(recipients)s::text[])
     AS v(n, sender, recipient)
CROSS JOIN LATERAL (
    SELECT id, lead_id, campaign_id, channel FROM attempt
    WHERE phone = v.sender AND channel <> 'voice'
    ORDER BY (calling_number = v.recipient) DESC, journalled_at DESC LIMIT 1) AS a
JOIN campaign c ON c.id = a.campaign_id
JOIN campaign_settings s ON s.campaign_id = c.id AND s.version = c.settings_version

-- name: reply
-- A reply, once.
INSERT INTO reply (provider, message_id, sender, recipient, text, at, meaning, campaign_id,
                   lead_id, attempt_id)
VALUES (%(provider)s, %(message_id)s, %(sender)s, %(recipient)s, %(text)s, %(at)s, %(meaning)s,
        %(campaign_id)s, %(lead_id)s, %(attempt_id)s)
ON CONFLICT (provider, message_id) DO NOTHING
RETURNING id

-- name: count_reply
INSERT INTO campaign_minute AS m (campaign_id, minute, shard, replies, opt_outs)
VALUES (%(campaign_id)s, date_trunc('minute', %(at)s::timestamptz), pg_backend_pid() %% 1024, 1,
        %(opt_outs)s)
ON CONFLICT (campaign_id, minute, shard) DO UPDATE
SET replies = m.replies + excluded.replies, opt_outs = m.opt_outs + excluded.opt_outs

-- name: replies
-- Replies to a campaign's messages, or of one lead, newest first.
SELECT r.id, r.at, r.sender, r.recipient, r.text, r.meaning, r.lead_id, r.attempt_id, r.provider
FROM reply r
WHERE r.campaign_id = %(campaign_id)s
  AND (%(lead_id)s::bigint IS NULL OR r.lead_id = %(lead_id)s)
  AND (%(before)s::bigint IS NULL OR r.id < %(before)s)
ORDER BY r.id DESC
LIMIT %(limit)s
