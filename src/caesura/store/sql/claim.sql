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
          contact.phones, contact.zones, contact.list_id, contact.region,
          CASE WHEN %(attributes)s THEN contact.attributes ELSE '{}' END AS attributes,
          lead.callback_at, lead.callback_agent

-- name: claim_for
-- This very lead, for an agent who asks for it, if nobody has it and it may still be called.
UPDATE lead SET state = 'claimed', cell_id = %(cell)s
FROM contact
WHERE lead.id = %(lead)s AND lead.campaign_id = %(campaign)s
  AND lead.state IN ('due', 'waiting') AND contact.id = lead.contact_id
RETURNING lead.id, lead.priority, lead.due_at, lead.phone_index, lead.attempts, lead.tries,
          contact.phones, contact.zones, contact.list_id, contact.region, contact.attributes,
          lead.callback_at, lead.callback_agent

-- name: lock_holds
-- Those of the holds that stand, kept standing to the end of the transaction: a release that comes
-- later finds the leads that are set aside in it.
SELECT id FROM campaign_hold WHERE id = ANY(%(holds)s) AND released_at IS NULL FOR SHARE

-- name: front
-- The next due leads in the zones that are open, with what decides whether a hold covers them.
SELECT l.id, l.priority, l.due_at, c.list_id, c.region, c.phones[l.phone_index] AS phone,
       l.zone
FROM unnest(%(zones)s::text[]) AS open(zone)
CROSS JOIN LATERAL (
    SELECT id, contact_id, phone_index, zone, priority, due_at FROM lead
    WHERE campaign_id = %(campaign)s AND zone = open.zone AND state = 'due'
    ORDER BY priority DESC, due_at, id
    LIMIT %(look)s
    FOR UPDATE SKIP LOCKED) AS l
JOIN contact c ON c.id = l.contact_id
ORDER BY l.priority DESC, l.due_at, l.id

-- name: past
-- Leads behind a front that is all held: as `front`, without those that a hold covers. A number is
-- of a paused region where it begins with one of `begins`, or with +1 and an area code that is not
-- known to be elsewhere (caesura.rules.region). Once: the front is set aside as it is met.
SELECT l.id, l.priority, l.due_at, l.list_id, l.region, l.phone, l.zone
FROM unnest(%(zones)s::text[]) AS open(zone)
CROSS JOIN LATERAL (
    SELECT d.id, d.zone, d.priority, d.due_at, c.list_id, c.region,
           c.phones[d.phone_index] AS phone
    FROM lead d JOIN contact c ON c.id = d.contact_id
    WHERE d.campaign_id = %(campaign)s AND d.zone = open.zone AND d.state = 'due'
      AND c.list_id <> ALL(%(lists)s::bigint[])
      AND CASE WHEN c.region IS NOT NULL
          THEN c.region <> ALL(%(regions)s::text[])
               AND split_part(c.region, '-', 1) <> ALL(%(regions)s::text[])
               AND c.region <> ALL(%(countries)s::text[])
          ELSE NOT EXISTS (SELECT 1 FROM unnest(%(begins)s::text[]) AS b (prefix)
                           WHERE starts_with(c.phones[d.phone_index], b.prefix))
               AND (%(elsewhere)s::text[] IS NULL
                    OR NOT starts_with(c.phones[d.phone_index], '+1')
                    OR substr(c.phones[d.phone_index], 3, 3) = ANY(%(elsewhere)s::text[]))
          END
    ORDER BY d.priority DESC, d.due_at, d.id
    LIMIT %(limit)s
    FOR UPDATE OF d SKIP LOCKED) AS l
ORDER BY l.priority DESC, l.due_at, l.id

-- name: take
-- Leads that this transaction has locked.
UPDATE lead SET state = 'claimed', cell_id = %(cell)s
FROM contact
WHERE lead.id = ANY(%(leads)s) AND contact.id = lead.contact_id AND lead.state = 'due'
RETURNING lead.id, lead.priority, lead.due_at, lead.phone_index, lead.attempts, lead.tries,
          contact.phones, contact.zones, contact.list_id, contact.region,
          CASE WHEN %(attributes)s THEN contact.attributes ELSE '{}' END AS attributes,
          lead.callback_at, lead.callback_agent

-- name: set_aside
-- Due leads that a hold covers, until it is released.
UPDATE lead SET state = 'held', held_by = v.hold
FROM unnest(%(leads)s::bigint[], %(holds)s::bigint[]) AS v(id, hold)
WHERE lead.id = v.id AND lead.state = 'due'

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
-- Refused leads: waiting until they may be asked again, by everybody's clock, held by a hold, or
-- excluded for good.
UPDATE lead
SET state = v.state, cell_id = NULL, held_by = v.hold, result = coalesce(v.result, lead.result),
    put_off = v.due_at IS NOT NULL, due_at = coalesce(v.due_at, lead.due_at),
    phone_index = coalesce(v.phone_index, lead.phone_index), zone = coalesce(v.zone, lead.zone)
FROM unnest(%(leads)s::bigint[], %(states)s::text[], %(results)s::text[],
            %(due)s::timestamptz[], %(phone_index)s::smallint[], %(zones)s::text[],
            %(holds)s::bigint[])
     AS v(id, state, result, due_at, phone_index, zone, hold)
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
