-- Figures for charts and reports.

-- name: chart
-- The roll-ups in pieces of one width; pieces without anything are left out.
SELECT start, launched, received, answered, talks_ended, talk_ms, sent, delivered, undelivered,
       replies, opt_outs, coalesce(outcomes, '{}') AS outcomes
FROM (
    SELECT date_bin(%(width)s::interval, minute, %(origin)s) AS start,
           sum(launched)::bigint AS launched, sum(received)::bigint AS received,
           sum(answered)::bigint AS answered, sum(talks_ended)::bigint AS talks_ended,
           sum(talk_ms)::bigint AS talk_ms, sum(sent)::bigint AS sent,
           sum(delivered)::bigint AS delivered, sum(undelivered)::bigint AS undelivered,
           sum(replies)::bigint AS replies, sum(opt_outs)::bigint AS opt_outs
    FROM campaign_minute
    WHERE campaign_id = %(campaign_id)s AND minute >= %(start)s AND minute < %(end)s
    GROUP BY 1
) AS m
FULL JOIN (
    SELECT start, jsonb_object_agg(outcome, n) AS outcomes
    FROM (SELECT date_bin(%(width)s::interval, minute, %(origin)s) AS start, outcome,
                 sum(n)::bigint AS n
          FROM outcome_minute
          WHERE campaign_id = %(campaign_id)s AND minute >= %(start)s AND minute < %(end)s
          GROUP BY 1, 2 HAVING sum(n) <> 0) AS x
    GROUP BY start
) AS o USING (start)
ORDER BY start;

-- name: by_hour
-- Calls by the weekday (ISO, Monday is 1) and hour that the clock of one zone showed.
SELECT extract(isodow FROM minute AT TIME ZONE %(zone)s)::int AS weekday,
       extract(hour FROM minute AT TIME ZONE %(zone)s)::int AS hour,
       sum(received)::bigint AS received, sum(answered)::bigint AS answered
FROM campaign_minute
WHERE campaign_id = %(campaign_id)s AND minute >= %(start)s AND minute < %(end)s
GROUP BY 1, 2
HAVING sum(received) > 0 OR sum(answered) > 0
ORDER BY 1, 2;

-- name: last_pause
-- The newest pause, and when it was resumed from.
SELECT r.id AS receipt_id, r.requested_at, r.actor,
       (SELECT t.at FROM transition t
        WHERE t.campaign_id = r.campaign_id AND t.epoch > r.epoch AND t.from_state = 'paused'
          AND t.to_state <> 'paused'
        ORDER BY t.epoch LIMIT 1) AS ended_at,
       (SELECT t.to_state FROM transition t
        WHERE t.campaign_id = r.campaign_id AND t.epoch > r.epoch AND t.from_state = 'paused'
          AND t.to_state <> 'paused'
        ORDER BY t.epoch LIMIT 1) AS ended_as
FROM receipt r
WHERE r.campaign_id = %(campaign_id)s AND r.kind = 'pause'
ORDER BY r.epoch DESC LIMIT 1;

-- name: window
-- The calls begun in a span that are decided: answered or over. What we cancelled says nothing
-- about callees or carrier, and is left out.
SELECT count(*) FILTER (WHERE launched_at IS NOT NULL) AS launched,
       count(*) FILTER (WHERE received) AS received,
       count(*) FILTER (WHERE answered_at IS NOT NULL) AS answered,
       count(*) FILTER (WHERE answered_at IS NOT NULL AND ended_at IS NOT NULL) AS talks_ended,
       coalesce(sum(extract(epoch FROM ended_at - answered_at) * 1000)
                FILTER (WHERE answered_at IS NOT NULL), 0)::bigint AS talk_ms,
       count(*) FILTER (WHERE outcome = 'abandoned') AS abandoned,
       count(*) FILTER (WHERE outcome = 'failed') AS failed,
       count(*) FILTER (WHERE outcome = 'congestion') AS congestion,
       count(*) FILTER (WHERE outcome = 'answered') AS outcome_answered,
       count(*) FILTER (WHERE outcome IS NOT NULL) AS ended
FROM attempt
WHERE campaign_id = %(campaign_id)s AND journalled_at >= %(start)s AND journalled_at < %(end)s
  AND (state = 'ended' OR answered_at IS NOT NULL) AND outcome IS DISTINCT FROM 'cancelled'
  AND follow_up_id IS NULL;

-- name: campaigns
-- Every campaign with what it did in a span; those that did nothing are left out.
SELECT c.id, c.name, c.state AS status, m.launched, m.received, m.answered, m.talks_ended,
       m.talk_ms, coalesce(o.outcomes, '{}') AS outcomes
FROM campaign c
JOIN LATERAL (
    SELECT sum(launched)::bigint AS launched, sum(received)::bigint AS received,
           sum(answered)::bigint AS answered, sum(talks_ended)::bigint AS talks_ended,
           sum(talk_ms)::bigint AS talk_ms
    FROM campaign_minute
    WHERE campaign_id = c.id AND minute >= %(start)s AND minute < %(end)s
) AS m ON m.launched IS NOT NULL
LEFT JOIN LATERAL (
    SELECT jsonb_object_agg(outcome, n) AS outcomes
    FROM (SELECT outcome, sum(n)::bigint AS n FROM outcome_minute
          WHERE campaign_id = c.id AND minute >= %(start)s AND minute < %(end)s
          GROUP BY outcome HAVING sum(n) <> 0) AS x
) AS o ON true
ORDER BY lower(c.name), c.id;
