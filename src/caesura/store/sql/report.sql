-- The figures of campaigns, from the per-minute roll-ups.

-- name: minutes
-- One row for each minute in which something happened.
SELECT m.minute, m.launched, m.received, m.answered, m.talks_ended, m.talk_ms,
       coalesce(o.outcomes, '{}') AS outcomes
FROM (
    SELECT minute, sum(launched)::bigint AS launched, sum(received)::bigint AS received,
           sum(answered)::bigint AS answered, sum(talks_ended)::bigint AS talks_ended,
           sum(talk_ms)::bigint AS talk_ms
    FROM campaign_minute
    WHERE campaign_id = %(campaign_id)s AND minute >= %(start)s AND minute < %(end)s
    GROUP BY minute
) AS m
FULL JOIN (
    SELECT minute, jsonb_object_agg(outcome, n) AS outcomes
    FROM (SELECT minute, outcome, sum(n)::bigint AS n FROM outcome_minute
          WHERE campaign_id = %(campaign_id)s AND minute >= %(start)s AND minute < %(end)s
          GROUP BY minute, outcome) AS x
    GROUP BY minute
) AS o USING (minute)
ORDER BY minute;

-- name: span
-- The first and the last minute in which something happened.
SELECT least(c.first, o.first) AS first, greatest(c.last, o.last) AS last
FROM (SELECT min(minute) AS first, max(minute) AS last FROM campaign_minute
      WHERE campaign_id = %(campaign_id)s) AS c,
     (SELECT min(minute) AS first, max(minute) AS last FROM outcome_minute
      WHERE campaign_id = %(campaign_id)s) AS o;

-- name: totals_by_state
SELECT c.state, count(*) AS n FROM campaign c GROUP BY c.state;

-- name: totals
-- For the metrics: everything that all campaigns did.
SELECT c.name AS campaign, sum(m.launched)::bigint AS launched, sum(m.received)::bigint AS received,
       sum(m.answered)::bigint AS answered, sum(m.talk_ms)::bigint AS talk_ms,
       sum(m.sent)::bigint AS sent, sum(m.delivered)::bigint AS delivered,
       sum(m.undelivered)::bigint AS undelivered, sum(m.replies)::bigint AS replies,
       sum(m.opt_outs)::bigint AS opt_outs
FROM campaign_total m JOIN campaign c ON c.id = m.campaign_id
GROUP BY c.name;

-- name: in_flight
SELECT c.name AS campaign, count(*) FILTER (WHERE a.answered_at IS NULL) AS ringing,
       count(*) FILTER (WHERE a.answered_at IS NOT NULL) AS talking
FROM attempt a JOIN campaign c ON c.id = a.campaign_id
WHERE a.state <> 'ended'
GROUP BY c.name;

-- name: cells
SELECT c.id, c.node, c.started_at, c.seen_at, c.gone_at, c.journal_waiting, c.spool_bytes,
       c.spool_full, c.spool_filled_at,
       coalesce((SELECT jsonb_agg(jsonb_build_object(
                        'campaign', p.name, 'epoch', l.epoch, 'revoked', l.revoked,
                        'acquired_at', l.acquired_at, 'renewed_at', l.renewed_at)
                        ORDER BY p.name)
                 FROM lease l JOIN campaign p ON p.id = l.campaign_id
                 WHERE l.cell_id = c.id), '[]') AS leases
FROM cell c
WHERE %(gone)s OR c.gone_at IS NULL
ORDER BY c.started_at DESC
LIMIT %(limit)s;

-- name: zones
-- The leads that are not at their end, by state and zone.
SELECT state, zone, sum(n)::bigint AS n FROM lead_tally
WHERE campaign_id = %(campaign_id)s AND state IN ('due', 'waiting', 'claimed', 'in_progress', 'held')
GROUP BY state, zone HAVING sum(n) > 0;

-- name: next_due_at
-- The earliest of the waiting leads: of retries, and of what was put off.
SELECT least((SELECT due_at FROM lead WHERE campaign_id = c.id AND state = 'waiting' AND NOT put_off
              ORDER BY due_at LIMIT 1) + c.clock_offset,
             (SELECT due_at FROM lead WHERE campaign_id = c.id AND state = 'waiting' AND put_off
              ORDER BY due_at LIMIT 1)) AS due_at
FROM campaign c WHERE c.id = %(campaign_id)s;

-- name: cells_running
SELECT count(*) AS n FROM cell WHERE gone_at IS NULL AND seen_at > now() - interval '5 seconds';

-- name: trunk_facts
-- A trunk of which no cell has said anything yet counts as reachable.
SELECT t.name, t.max_channels AS channels,
       t.enabled AND coalesce((SELECT bool_or(h.reachable) FROM trunk_health h
                               JOIN cell c ON c.id = h.cell_id
                               WHERE h.trunk_id = t.id AND c.gone_at IS NULL), true) AS reachable,
       (SELECT count(*) FROM attempt a WHERE a.state <> 'ended' AND a.trunk = t.name) AS in_use
FROM trunk t WHERE t.name = ANY(%(names)s)
ORDER BY array_position(%(names)s::text[], t.name);
