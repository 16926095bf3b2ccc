-- name: hold_lease
-- A launch holds its lease: the database orders every launch before or after the pause.
SELECT 1 AS held FROM lease
WHERE campaign_id = %(campaign)s AND cell_id = %(cell)s AND epoch = %(epoch)s AND NOT revoked
FOR SHARE

-- name: journal
-- First the journal, then the wire: under the lease, which is held to the end of the transaction, so
-- that a pause waits for this launch or comes before it. Only leads that this cell still holds.
WITH held AS MATERIALIZED (
    SELECT 1 FROM lease
    WHERE campaign_id = %(campaign)s AND cell_id = %(cell)s AND epoch = %(epoch)s
      AND NOT revoked
    FOR SHARE
), launched AS (
    UPDATE lead SET state = 'in_progress'
    FROM unnest(%(leads)s::bigint[]) AS v(id)
    WHERE lead.id = v.id AND lead.state = 'claimed' AND lead.cell_id = %(cell)s
      AND EXISTS (SELECT 1 FROM held)
    RETURNING lead.id
), written AS (
    INSERT INTO attempt (id, campaign_id, lead_id, cell_id, epoch, state, phone, calling_number,
                         channel, text, subject, address, segments)
    SELECT v.attempt, %(campaign)s, v.lead, %(cell)s, %(epoch)s, 'launching', v.phone,
           v.calling_number, v.channel, v.text, v.subject, v.address, v.segments
    FROM unnest(%(attempts)s::uuid[], %(leads)s::bigint[], %(phones)s::text[],
                %(calling_numbers)s::text[], %(channels)s::text[], %(texts)s::text[],
                %(subjects)s::text[], %(addresses)s::text[], %(segments)s::smallint[])
         AS v(attempt, lead, phone, calling_number, channel, text, subject, address, segments)
    JOIN launched ON launched.id = v.lead
    RETURNING id
)
SELECT EXISTS (SELECT 1 FROM held) AS held, ARRAY(SELECT id FROM written) AS attempts

-- name: readmit
-- Attempts of before the epoch that no paused part has: they go on under it.
UPDATE attempt SET epoch = %(epoch)s
WHERE id = ANY(%(attempts)s) AND cell_id = %(cell)s AND state <> 'ended'
RETURNING id

-- name: not_launched
-- Never on the wire: the attempt is no attempt, and the lead is due again.
SELECT not_launched(%(attempts)s::uuid[])

-- name: progress
-- Launches, rings and answers of a batch of attempts; each moment is written once.
WITH happened AS (
    SELECT * FROM unnest(%(attempts)s::uuid[], %(launched)s::timestamptz[],
        %(ringing)s::timestamptz[], %(answered)s::timestamptz[], %(trunks)s::text[],
        %(call_ids)s::text[]) AS v(id, launched, ringing, answered, trunk, call_id)
), before AS (
    SELECT a.id, a.campaign_id, a.launched_at, a.received, a.answered_at
    FROM attempt a JOIN happened h ON h.id = a.id FOR UPDATE OF a
), changed AS (
    -- From `before`, so that it is read before anything is written.
    UPDATE attempt a
    SET state = CASE WHEN a.state = 'launching' THEN 'in_progress' ELSE a.state END,
        launched_at = coalesce(a.launched_at, h.launched),
        ringing_at = coalesce(a.ringing_at, h.ringing),
        answered_at = coalesce(a.answered_at, h.answered),
        received = a.received OR h.ringing IS NOT NULL OR h.answered IS NOT NULL,
        trunk = coalesce(h.trunk, a.trunk), sip_call_id = coalesce(h.call_id, a.sip_call_id)
    FROM before b JOIN happened h ON h.id = b.id
    WHERE a.id = b.id
    RETURNING a.campaign_id, a.launched_at, a.received, a.ringing_at, a.answered_at,
              b.launched_at AS launched_before, b.received AS received_before,
              b.answered_at AS answered_before
), counted AS (
    SELECT campaign_id, date_trunc('minute', launched_at) AS minute, 1 AS launched,
           0 AS received, 0 AS answered
    FROM changed WHERE launched_before IS NULL AND launched_at IS NOT NULL
    UNION ALL
    SELECT campaign_id, date_trunc('minute', coalesce(ringing_at, answered_at)), 0, 1, 0
    FROM changed WHERE received AND NOT received_before
    UNION ALL
    SELECT campaign_id, date_trunc('minute', answered_at), 0, 0, 1
    FROM changed WHERE answered_before IS NULL AND answered_at IS NOT NULL
)
INSERT INTO campaign_minute AS m (campaign_id, minute, shard, launched, received, answered)
SELECT campaign_id, minute, pg_backend_pid() %% 1024, sum(launched), sum(received), sum(answered)
FROM counted GROUP BY 1, 2 ORDER BY 1, 2
ON CONFLICT (campaign_id, minute, shard) DO UPDATE
SET launched = m.launched + excluded.launched, received = m.received + excluded.received,
    answered = m.answered + excluded.answered

-- name: end
-- Attempts that are over, what they count, and what becomes of their leads. By attempt id, so
-- that storing the same end twice changes nothing; an end that was in doubt takes the true one.
WITH v AS (
    SELECT * FROM unnest(%(attempts)s::uuid[], %(ended)s::timestamptz[], %(outcomes)s::text[],
        %(received)s::boolean[], %(counted)s::boolean[], %(ended_by)s::text[],
        %(sip_status)s::int[], %(q850)s::int[], %(details)s::text[], %(keys)s::text[],
        %(lead_state)s::text[], %(due)s::timestamptz[], %(phone_index)s::smallint[],
        %(zones)s::text[], %(lead_attempts)s::smallint[], %(tries)s::jsonb[], %(results)s::text[],
        %(codes)s::text[])
      AS v(id, ended, outcome, received, counted, ended_by, sip_status, q850, detail, key,
           lead_state, due, phone_index, zone, attempts, tries, result, code)
), before AS (
    SELECT a.id, a.received, a.outcome, a.answered_at, a.ended_at
    FROM attempt a JOIN v ON v.id = a.id
    WHERE a.state <> 'ended' OR (a.outcome = 'unknown' AND v.outcome <> 'unknown')
    FOR UPDATE OF a
), ended AS (
    UPDATE attempt a
    SET state = 'ended', ended_at = greatest(v.ended, a.answered_at), outcome = v.outcome,
        received = a.received OR v.received, counted = v.counted AND a.follow_up_id IS NULL, ended_by = v.ended_by,
        sip_status = v.sip_status, q850_cause = v.q850, detail = v.detail, key_pressed = v.key,
        code = v.code
    FROM v JOIN before b ON b.id = v.id
    WHERE a.id = v.id
    RETURNING a.id, a.campaign_id, a.lead_id, a.follow_up_id, a.cell_id, a.launched_at, a.ended_at,
              a.answered_at, a.outcome,
              a.received, b.received AS received_before, b.outcome AS outcome_before,
              b.ended_at AS ended_before,
              -- an end in doubt counts no conversation; the true one, if it comes, does
              a.answered_at IS NOT NULL AND a.outcome <> 'unknown' AS talked
), worked AS (
    UPDATE lead l
    SET state = v.lead_state, cell_id = NULL, result = v.result, attempts = v.attempts,
        tries = v.tries, phone_index = v.phone_index, zone = v.zone,
        due_at = coalesce(v.due - c.clock_offset, l.due_at),
        callback_at = NULL, callback_agent = NULL  -- kept, whatever came of it
    FROM ended e JOIN v ON v.id = e.id JOIN campaign c ON c.id = e.campaign_id
    WHERE l.id = e.lead_id AND e.follow_up_id IS NULL
      -- The second case corrects a doubt, unless the lead is on its way again.
      AND ((l.state = 'in_progress' AND l.cell_id = e.cell_id AND e.outcome_before IS NULL)
           OR (l.state = 'waiting' AND l.result = 'unknown' AND e.outcome_before = 'unknown'))
), prices AS (
    SELECT each.campaign_id, p.per_attempt, p.per_minute * p.increment_s / 60 AS per_increment,
           p.increment_s * 1000 AS increment_ms
    FROM (SELECT DISTINCT campaign_id FROM ended) AS each
    JOIN campaign c ON c.id = each.campaign_id
    JOIN campaign_settings s ON s.campaign_id = c.id AND s.version = c.settings_version
    CROSS JOIN LATERAL jsonb_to_record(s.settings -> 'price')
         AS p(per_attempt numeric, per_minute numeric, increment_s int)
), minutes AS (
    -- The cost as rules/price.py has it. An attempt is paid for once, a doubt cleared up or not.
    INSERT INTO campaign_minute AS m
        (campaign_id, minute, shard, sent, received, talks_ended, talk_ms, cost)
    SELECT e.campaign_id, date_trunc('minute', ended_at), pg_backend_pid() %% 1024,
           count(*) FILTER (WHERE outcome = 'sent'),
           count(*) FILTER (WHERE received AND NOT received_before),
           count(*) FILTER (WHERE talked),
           coalesce(sum(extract(epoch FROM ended_at - answered_at) * 1000)
                    FILTER (WHERE talked), 0)::bigint,
           coalesce(sum(per_attempt)
                    FILTER (WHERE launched_at IS NOT NULL AND outcome_before IS NULL), 0)
           + coalesce(sum(per_increment * ceil(
                 extract(epoch FROM ended_at - answered_at) * 1000 / increment_ms))
                      FILTER (WHERE talked), 0)
    FROM ended e LEFT JOIN prices p ON p.campaign_id = e.campaign_id GROUP BY 1, 2 ORDER BY 1, 2
    ON CONFLICT (campaign_id, minute, shard) DO UPDATE
    SET sent = m.sent + excluded.sent, received = m.received + excluded.received,
        talks_ended = m.talks_ended + excluded.talks_ended, talk_ms = m.talk_ms + excluded.talk_ms,
        cost = m.cost + excluded.cost
), outcomes AS (
    SELECT campaign_id, minute, outcome, sum(n) AS n
    -- What follows on a call or a reply is no turn of its lead, and no figure of calls.
    FROM (SELECT campaign_id, date_trunc('minute', ended_at) AS minute, outcome, 1 AS n
          FROM ended WHERE follow_up_id IS NULL
          UNION ALL SELECT campaign_id, date_trunc('minute', ended_before), outcome_before, -1
          FROM ended WHERE ended_before IS NOT NULL AND follow_up_id IS NULL) AS change
    GROUP BY 1, 2, 3
)
INSERT INTO outcome_minute AS o (campaign_id, minute, outcome, shard, n)
SELECT campaign_id, minute, outcome, pg_backend_pid() %% 1024, n FROM outcomes ORDER BY 1, 2, 3
ON CONFLICT (campaign_id, minute, outcome, shard) DO UPDATE SET n = o.n + excluded.n

-- name: tell
-- Dashboards follow the figures.
SELECT pg_notify('figures', campaign::text) FROM unnest(%(campaigns)s::bigint[]) AS u(campaign)
