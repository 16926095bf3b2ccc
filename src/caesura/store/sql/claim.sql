-- name: claim
-- Take the next due leads in the zones that are open. One statement whose rows are the answer;
-- each zone's index range is read in order and left at the limit.
WITH candidate AS MATERIALIZED (
    SELECT l.id, l.priority, l.due_at
    FROM unnest(%(zones)s::text[]) AS open(zone)
    CROSS JOIN LATERAL (
        SELECT id, priority, due_at FROM lead
        WHERE campaign_id = %(campaign)s AND zone = open.zone AND state = 'due'
        ORDER BY priority DESC, due_at, id
        LIMIT %(limit)s
        FOR UPDATE SKIP LOCKED) AS l
), picked AS (
    SELECT id FROM candidate ORDER BY priority DESC, due_at, id LIMIT %(limit)s
)
UPDATE lead SET state = 'claimed', cell_id = %(cell)s
FROM contact
WHERE lead.id IN (SELECT id FROM picked) AND contact.id = lead.contact_id
RETURNING lead.id, lead.priority, lead.due_at, lead.phone_index, lead.attempts, lead.tries,
          contact.phones, contact.zones,
          CASE WHEN %(attributes)s THEN contact.attributes ELSE '{}' END AS attributes

-- name: facts
-- What may forbid a number at this moment.
SELECT q.phone,
       EXISTS (SELECT 1 FROM do_not_call d WHERE d.phone = q.phone
               AND (d.campaign_id IS NULL OR d.campaign_id = %(campaign)s)
               AND (d.channel IS NULL OR d.channel = %(channel)s)) AS do_not_call,
       r.day, r.week, r.oldest_day, r.oldest_week
FROM unnest(%(phones)s::text[]) AS q(phone)
CROSS JOIN LATERAL (
    SELECT count(*) FILTER (WHERE journalled_at > %(now)s::timestamptz - interval '24 hours') AS day,
           count(*) AS week,
           min(journalled_at) FILTER
               (WHERE journalled_at > %(now)s::timestamptz - interval '24 hours') AS oldest_day,
           min(journalled_at) AS oldest_week
    FROM attempt a
    WHERE a.phone = q.phone AND a.counted
      AND a.journalled_at > %(now)s::timestamptz - interval '7 days') AS r

-- name: release
-- Give claimed leads back: nothing happened to them.
UPDATE lead SET state = 'due', cell_id = NULL
WHERE id = ANY(%(leads)s) AND state = 'claimed' AND cell_id = %(cell)s

-- name: release_others
-- A claim whose commit was not heard of: its leads are due again.
UPDATE lead SET state = 'due', cell_id = NULL
WHERE campaign_id = %(campaign)s AND cell_id = %(cell)s AND state = 'claimed'
  AND id <> ALL(%(known)s::bigint[])

-- name: wait_for
-- A claim whose commit is in doubt has these locked until it is known.
SELECT 1 FROM lead WHERE id = ANY(%(leads)s) ORDER BY id FOR UPDATE

-- name: put_off
-- Refused leads: waiting until they may be asked again, by everybody's clock, or excluded for good.
UPDATE lead
SET state = v.state, cell_id = NULL, result = v.result, put_off = v.due_at IS NOT NULL,
    due_at = coalesce(v.due_at, lead.due_at),
    phone_index = coalesce(v.phone_index, lead.phone_index), zone = coalesce(v.zone, lead.zone)
FROM unnest(%(leads)s::bigint[], %(states)s::text[], %(results)s::text[],
            %(due)s::timestamptz[], %(phone_index)s::smallint[], %(zones)s::text[])
     AS v(id, state, result, due_at, phone_index, zone)
WHERE lead.id = v.id AND lead.state = 'claimed' AND lead.cell_id = %(cell)s

-- name: promote
-- Waiting leads whose time has come, a bounded number at a time: retries by the campaign's clock,
-- what was put off by everybody's. All are on the campaign's clock from then on.
UPDATE lead
SET state = 'due', put_off = false,
    due_at = CASE WHEN lead.put_off THEN lead.due_at - c.clock_offset ELSE lead.due_at END
FROM campaign c
WHERE c.id = lead.campaign_id AND lead.id IN (
    SELECT l.id FROM campaign o
    CROSS JOIN unnest(ARRAY[false, true]) AS by_all(clock)
    CROSS JOIN LATERAL (
        SELECT id FROM lead
        WHERE campaign_id = o.id AND state = 'waiting' AND put_off = by_all.clock
          AND due_at <= clock_timestamp()
                        - CASE WHEN by_all.clock THEN interval '0' ELSE o.clock_offset END
        ORDER BY due_at LIMIT %(limit)s
        FOR UPDATE SKIP LOCKED) AS l
    WHERE o.id = ANY(%(campaigns)s) AND o.state = 'running')

-- name: tally
-- How many leads of each campaign are in each state and zone.
SELECT campaign_id, state, zone, sum(n)::bigint AS n FROM lead_tally
WHERE campaign_id = ANY(%(campaigns)s) GROUP BY 1, 2, 3 HAVING sum(n) > 0
