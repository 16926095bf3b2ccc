-- What the pause rules are asked about, for all running campaigns at once.

-- name: take_turn
-- At most one turn in `every`, whichever cell takes it; none waits for another. A clock that was
-- set back must not stop the turns.
UPDATE pause_rule_turn SET turn = turn + 1, at = clock_timestamp()
WHERE one = (SELECT one FROM pause_rule_turn
             WHERE at NOT BETWEEN clock_timestamp() - %(every)s::interval AND clock_timestamp()
             FOR UPDATE SKIP LOCKED)
RETURNING turn

-- name: running
-- Every running campaign; its state's begin is when it was started or resumed.
SELECT id, epoch, state_since, settings_version FROM campaign WHERE state = 'running' ORDER BY id

-- name: settings
SELECT s.campaign_id, s.version, s.settings
FROM unnest(%(campaigns)s::bigint[], %(versions)s::int[]) AS v(campaign, version)
JOIN campaign_settings s ON s.campaign_id = v.campaign AND s.version = v.version

-- name: one_campaign
SELECT c.epoch, c.state, c.state_since, c.settings_version, s.settings FROM campaign c
JOIN campaign_settings s ON s.campaign_id = c.id AND s.version = c.settings_version
WHERE c.id = %(campaign)s

-- name: windows
-- Of each campaign, the calls of its windows: whole minutes from the roll-ups, and, where it runs
-- only since within the window, those calls begun since then in that minute. Cancelled calls say
-- nothing about callee or carrier, nor do those in doubt. An answer counts when it comes, not when
-- the conversation ends.
SELECT v.campaign,
       coalesce(o.ended, 0) + CASE WHEN v.carrier_begins THEN p.ended ELSE 0 END AS ended,
       coalesce(o.failed, 0) + CASE WHEN v.carrier_begins THEN p.failed ELSE 0 END AS failed,
       coalesce(m.answered, 0) + CASE WHEN v.answers_begin THEN p.answered ELSE 0 END AS answered,
       coalesce(o.missed, 0) + CASE WHEN v.answers_begin THEN p.missed ELSE 0 END AS missed,
       coalesce(m.answered_before, 0) AS answered_before,
       coalesce(o.missed_before, 0) AS missed_before
FROM unnest(%(campaigns)s::bigint[], %(carrier_from)s::timestamptz[],
            %(answers_from)s::timestamptz[], %(before_from)s::timestamptz[],
            %(before_until)s::timestamptz[], %(begun)s::timestamptz[],
            %(first_minute)s::timestamptz[], %(carrier_begins)s::boolean[],
            %(answers_begin)s::boolean[])
     AS v(campaign, carrier_from, answers_from, before_from, before_until, begun, first_minute,
          carrier_begins, answers_begin)
CROSS JOIN LATERAL (
    SELECT sum(n) FILTER (WHERE minute >= v.carrier_from)::bigint AS ended,
           sum(n) FILTER (WHERE minute >= v.carrier_from
                          AND outcome IN ('failed', 'congestion'))::bigint AS failed,
           sum(n) FILTER (WHERE minute >= v.answers_from
                          AND outcome NOT IN ('answered', 'abandoned'))::bigint AS missed,
           sum(n) FILTER (WHERE minute >= v.before_from AND minute < v.before_until
                          AND outcome NOT IN ('answered', 'abandoned'))::bigint AS missed_before
    FROM outcome_minute
    WHERE campaign_id = v.campaign
      AND minute >= least(v.carrier_from, v.answers_from, v.before_from)
      AND outcome NOT IN ('cancelled', 'unknown')
) AS o
CROSS JOIN LATERAL (
    SELECT sum(answered) FILTER (WHERE minute >= v.answers_from)::bigint AS answered,
           sum(answered) FILTER (WHERE minute >= v.before_from
                                 AND minute < v.before_until)::bigint AS answered_before
    FROM campaign_minute
    WHERE campaign_id = v.campaign AND minute >= least(v.answers_from, v.before_from)
) AS m
CROSS JOIN LATERAL (
    SELECT count(*) FILTER (WHERE ended) AS ended,
           count(*) FILTER (WHERE ended AND outcome IN ('failed', 'congestion')) AS failed,
           count(*) FILTER (WHERE answered_at < v.first_minute) AS answered,
           count(*) FILTER (WHERE ended AND outcome NOT IN ('answered', 'abandoned')) AS missed
    FROM (SELECT outcome, answered_at, coalesce(
                     ended_at < v.first_minute AND outcome NOT IN ('cancelled', 'unknown'), false)
                     AS ended
          FROM attempt
          WHERE (v.carrier_begins OR v.answers_begin) AND campaign_id = v.campaign
            AND journalled_at >= v.begun AND journalled_at < v.first_minute
            AND follow_up_id IS NULL) AS a
) AS p

-- name: by_trunk
-- One campaign's calls of a window, by the trunk that took them last.
SELECT trunk, count(*) AS ended, count(*) FILTER (WHERE outcome IN ('failed', 'congestion')) AS failed
FROM attempt
WHERE campaign_id = %(campaign)s AND journalled_at >= %(since)s AND state = 'ended'
  AND outcome NOT IN ('cancelled', 'unknown') AND trunk IS NOT NULL AND follow_up_id IS NULL
GROUP BY trunk

-- name: providers
-- Of these providers, since when no cell that runs can use one, and what one of them says. A provider
-- that no cell has spoken of yet counts as one that can be used.
SELECT p.name,
       CASE WHEN NOT p.enabled THEN p.disabled_since
            WHEN h.cells > 0 AND h.cells = h.down THEN h.since END AS down_since,
       CASE WHEN p.enabled THEN coalesce(h.detail, '') ELSE 'It is switched off.' END AS detail
FROM provider p
CROSS JOIN LATERAL (
    SELECT count(*) AS cells, count(*) FILTER (WHERE h.up_since IS NULL) AS down,
           max(h.down_since) AS since, min(h.detail) AS detail
    FROM provider_health h JOIN cell c ON c.id = h.cell_id
    WHERE h.provider_id = p.id AND c.gone_at IS NULL) AS h
WHERE p.name = ANY(%(names)s)

-- name: abandoned
-- Abandoned calls of thirty days and of one, and of both those since the campaign runs.
SELECT v.campaign, coalesce(sum(o.n), 0)::bigint AS month,
       coalesce(sum(o.n) FILTER (WHERE o.minute >= v.fresh), 0)::bigint AS month_fresh,
       coalesce(sum(o.n) FILTER (WHERE o.minute >= %(day)s), 0)::bigint AS day,
       coalesce(sum(o.n) FILTER (WHERE o.minute >= greatest(v.fresh, %(day)s)), 0)::bigint AS day_fresh
FROM unnest(%(campaigns)s::bigint[], %(fresh)s::timestamptz[]) AS v(campaign, fresh)
LEFT JOIN outcome_minute o
  ON o.campaign_id = v.campaign AND o.outcome = 'abandoned' AND o.minute >= %(month)s
GROUP BY v.campaign

-- name: picked_up
-- The answered calls of the same spans, for the campaigns that have abandoned enough to matter.
SELECT v.campaign, coalesce(sum(o.n), 0)::bigint AS month,
       coalesce(sum(o.n) FILTER (WHERE o.minute >= v.fresh), 0)::bigint AS month_fresh,
       coalesce(sum(o.n) FILTER (WHERE o.minute >= %(day)s), 0)::bigint AS day,
       coalesce(sum(o.n) FILTER (WHERE o.minute >= greatest(v.fresh, %(day)s)), 0)::bigint AS day_fresh
FROM unnest(%(campaigns)s::bigint[], %(fresh)s::timestamptz[]) AS v(campaign, fresh)
LEFT JOIN outcome_minute o
  ON o.campaign_id = v.campaign AND o.outcome = 'answered' AND o.minute >= %(month)s
GROUP BY v.campaign

-- name: begin_days
-- What campaigns had used up when their day began, where that is not known yet.
INSERT INTO campaign_day (campaign_id, midnight, launched, cost)
SELECT v.campaign, v.midnight, coalesce(sum(m.launched), 0), coalesce(sum(m.cost), 0)
FROM unnest(%(campaigns)s::bigint[], %(midnights)s::timestamptz[]) AS v(campaign, midnight)
LEFT JOIN campaign_minute m ON m.campaign_id = v.campaign AND m.minute < v.midnight
WHERE NOT EXISTS (SELECT 1 FROM campaign_day d
                  WHERE d.campaign_id = v.campaign AND d.midnight = v.midnight)
GROUP BY v.campaign, v.midnight
ON CONFLICT DO NOTHING

-- name: spent
-- What campaigns have used up: in all, and since their last midnight. Calls that are on are in it:
-- the cost of each from its journal entry on, and of a conversation the increments begun so far.
WITH v AS (
    SELECT * FROM unnest(%(campaigns)s::bigint[], %(midnights)s::timestamptz[],
        %(per_attempt)s::numeric[], %(per_increment)s::numeric[], %(increment_ms)s::bigint[])
      AS v(campaign, midnight, per_attempt, per_increment, increment_ms)
), open AS (
    SELECT v.campaign, count(*) AS in_flight, count(*) FILTER (WHERE a.launched_at IS NULL) AS launching,
           sum(v.per_attempt + v.per_increment * coalesce(ceil(
               greatest(extract(epoch FROM clock_timestamp() - a.answered_at), 0) * 1000
               / v.increment_ms), 0)) AS cost
    FROM v JOIN attempt a ON a.campaign_id = v.campaign AND a.state <> 'ended'
    GROUP BY v.campaign
), total AS (
    SELECT v.campaign, sum(t.launched)::bigint AS launched, sum(t.cost) AS cost
    FROM v JOIN campaign_total t ON t.campaign_id = v.campaign GROUP BY v.campaign
)
SELECT v.campaign, coalesce(t.launched, 0) AS attempts, coalesce(o.launching, 0) AS launching,
       coalesce(o.in_flight, 0) AS in_flight,
       coalesce(t.cost, 0) + coalesce(o.cost, 0) AS cost,
       CASE WHEN v.midnight IS NOT NULL THEN coalesce(t.launched, 0) - d.launched END AS attempts_day,
       CASE WHEN v.midnight IS NOT NULL
            THEN coalesce(t.cost, 0) + coalesce(o.cost, 0) - d.cost END AS cost_day
FROM v LEFT JOIN open o ON o.campaign = v.campaign LEFT JOIN total t ON t.campaign = v.campaign
LEFT JOIN campaign_day d ON d.campaign_id = v.campaign AND d.midnight = v.midnight

-- name: only_one_launches
-- Launches under a budget are counted one after another, over all cells: false if another is at it.
-- Held to the end of the transaction; a number of its own kind beside the campaign's.
SELECT pg_try_advisory_xact_lock(hashtextextended('budget', %(campaign)s)) AS alone
