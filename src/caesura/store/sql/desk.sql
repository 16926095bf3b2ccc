-- Desks: shifts, what is asked at them and answered, what each agent does.

-- name: open
-- Begin a shift on the living cell that serves the fewest. A desk whose cell is gone is opened anew;
-- one that stands stays as it is. Pages are told with the commit.
WITH chosen AS (
    SELECT c.id FROM cell c
    WHERE c.gone_at IS NULL AND c.seen_at > now() - %(alive)s::interval
    ORDER BY (SELECT count(*) FROM desk d WHERE d.cell_id = c.id), c.started_at DESC
    LIMIT 1
), opened AS (
    INSERT INTO desk AS d (agent_id, id, cell_id, presence, phone, phone_state)
    SELECT a.id, %(desk)s, chosen.id, 'available', a.phone,
           CASE WHEN a.phone IS NOT NULL THEN 'ringing' END FROM chosen CROSS JOIN agent a
    WHERE a.id = %(agent)s AND a.retired_at IS NULL
    ON CONFLICT (agent_id) DO UPDATE
    SET id = excluded.id, cell_id = excluded.cell_id, opened_at = now(), presence = 'available',
        reason = NULL, since = now(), device = false, wish = NULL, campaign_id = NULL,
        attempt_id = NULL, lead_id = NULL, until = NULL, overdue = false, extended = false,
        disposed = false, muted = false, on_hold = false, allotted_to = NULL, allotted_why = NULL,
        notice = NULL, phone = excluded.phone, phone_state = excluded.phone_state
    WHERE NOT EXISTS (SELECT 1 FROM cell c WHERE c.id = d.cell_id AND c.gone_at IS NULL)
    RETURNING d.agent_id
)
SELECT pg_notify('desk', agent_id::text) FROM opened

-- name: ask
-- Write down what the agent asks for; the cell of their desk is told with the commit.
WITH asked AS (
    INSERT INTO desk_order (cell_id, agent_id, desk_id, asked)
    SELECT cell_id, agent_id, id, %(asked)s FROM desk WHERE agent_id = %(agent)s
    RETURNING id, cell_id
)
SELECT id, pg_notify('desk_order', cell_id::text) FROM asked

-- name: answer_of
-- Of an order; once, for whoever asked reads it once.
DELETE FROM desk_order WHERE id = %(id)s AND answer IS NOT NULL RETURNING answer

-- name: take
-- The cell's open orders, each once.
UPDATE desk_order o SET taken = true
WHERE cell_id = %(cell)s AND NOT taken
RETURNING o.id, o.agent_id, o.desk_id, o.asked

-- name: answer
-- Answer orders; whoever waits is told with the commit.
WITH answered AS (
    UPDATE desk_order o SET answer = v.answer
    FROM unnest(%(ids)s::bigint[], %(answers)s::jsonb[]) AS v(id, answer)
    WHERE o.id = v.id
    RETURNING o.id
)
SELECT pg_notify('desk_answer', id::text) FROM answered

-- name: withdraw
-- Nobody waits for it any more, so it shall not be done late.
DELETE FROM desk_order WHERE id = %(id)s AND NOT taken

-- name: forget_orders
-- What nobody waits for any more.
DELETE FROM desk_order WHERE asked_at < now() - interval '1 minute'

-- name: profiles
-- What agents may do.
SELECT a.id, a.skills,
       coalesce(jsonb_agg(jsonb_build_array(s.campaign_id, s.priority, s.weight, c.agents_go_to)
                          ORDER BY s.campaign_id)
                FILTER (WHERE s.campaign_id IS NOT NULL), '[]') AS assignments
FROM agent a
LEFT JOIN assignment s ON s.agent_id = a.id
LEFT JOIN campaign c ON c.id = s.campaign_id
WHERE a.id = ANY(%(agents)s) AND a.retired_at IS NULL
GROUP BY a.id

-- name: phone_of
-- The agent's own telephone, if one is set, and the way to it.
SELECT a.phone, t.name AS trunk, a.phone_calling_number AS calling_number
FROM agent a JOIN trunk t ON t.id = a.phone_trunk_id WHERE a.id = %(agent)s

-- name: store
-- What agents do now, of those desks that are still this cell's; pages are told with the commit.
WITH v AS (
    SELECT * FROM jsonb_to_recordset(%(states)s) AS v(
        agent_id bigint, desk_id uuid, presence text, reason text, since timestamptz,
        device boolean, wish text, campaign_id bigint, attempt_id uuid, lead_id bigint,
        until timestamptz, overdue boolean, extended boolean, disposed boolean, muted boolean,
        on_hold boolean, allotted_to bigint, allotted_why text, notice jsonb, phone text,
        phone_state text)
), stored AS (
    UPDATE desk d
    SET presence = v.presence, reason = v.reason, since = v.since, device = v.device,
        wish = v.wish, campaign_id = v.campaign_id, attempt_id = v.attempt_id,
        lead_id = v.lead_id, until = v.until, overdue = v.overdue, extended = v.extended,
        disposed = v.disposed, muted = v.muted, on_hold = v.on_hold,
        allotted_to = v.allotted_to, allotted_why = v.allotted_why,
        notice = coalesce(v.notice, d.notice), phone = v.phone, phone_state = v.phone_state
    FROM v WHERE d.agent_id = v.agent_id AND d.id = v.desk_id AND d.cell_id = %(cell)s
    RETURNING d.agent_id
)
SELECT pg_notify('desk', agent_id::text) FROM stored

-- name: close
-- These shifts are over; pages are told with the commit.
WITH closed AS (
    DELETE FROM desk d USING unnest(%(desks)s::uuid[]) AS v(id)
    WHERE d.id = v.id AND d.cell_id = %(cell)s
    RETURNING d.agent_id
)
SELECT pg_notify('desk', agent_id::text) FROM closed

-- name: presences
-- One presence of each of these agents ends where the next begins; with 'offline' nothing does.
WITH v AS (
    SELECT * FROM unnest(%(agents)s::bigint[], %(presences)s::text[], %(reasons)s::text[],
                         %(campaigns)s::bigint[], %(since)s::timestamptz[])
         WITH ORDINALITY AS v(agent_id, presence, reason, campaign_id, since, n)
), spans AS (
    SELECT v.*, lead(since) OVER (PARTITION BY agent_id ORDER BY n) AS until FROM v
), ended AS (
    UPDATE presence p SET until = greatest(p.since, first.since)
    FROM (SELECT DISTINCT ON (agent_id) agent_id, since FROM v ORDER BY agent_id, n) AS first
    WHERE p.agent_id = first.agent_id AND p.until IS NULL
    RETURNING p.id
)
INSERT INTO presence (agent_id, presence, reason, campaign_id, since, until)
SELECT s.agent_id, s.presence, s.reason, c.id, s.since, s.until
FROM spans s LEFT JOIN campaign c ON c.id = s.campaign_id
WHERE s.presence <> 'offline' AND (SELECT count(*) FROM ended) >= 0   -- after them
ORDER BY s.n

-- name: cell_is_gone
-- Its desks are closed, its conversations and presences end; pages are told, and open them anew.
WITH closed AS (
    DELETE FROM desk WHERE cell_id = %(cell)s RETURNING agent_id
), ended AS (
    UPDATE presence p SET until = greatest(p.since, now())
    FROM closed WHERE p.agent_id = closed.agent_id AND p.until IS NULL
), over AS (
    UPDATE conversation c SET ended_at = greatest(c.began_at, now()), end_reason = 'call_ended'
    FROM attempt a WHERE a.id = c.attempt_id AND a.cell_id = %(cell)s AND c.ended_at IS NULL
)
SELECT pg_notify('desk', agent_id::text) FROM closed

-- name: began
-- Conversations that began; storing one twice changes nothing. Pages are told with the commit.
WITH begun AS (
    INSERT INTO conversation (attempt_id, agent_id, campaign_id, began_at, greeting_ended_at)
    SELECT a.id, v.agent, a.campaign_id, v.at, v.greeting
    FROM unnest(%(attempts)s::uuid[], %(agents)s::bigint[], %(at)s::timestamptz[],
                %(greetings)s::timestamptz[]) AS v(attempt, agent, at, greeting)
    JOIN attempt a ON a.id = v.attempt
    ON CONFLICT DO NOTHING
    RETURNING agent_id
)
SELECT pg_notify('desk', agent_id::text) FROM begun

-- name: ended
-- Conversations that are over; pages are told with the commit.
WITH over AS (
    UPDATE conversation c SET ended_at = greatest(c.began_at, v.at), end_reason = v.why
    FROM unnest(%(attempts)s::uuid[], %(agents)s::bigint[], %(at)s::timestamptz[], %(why)s::text[])
         AS v(attempt, agent, at, why)
    WHERE c.attempt_id = v.attempt AND c.agent_id = v.agent AND c.ended_at IS NULL
    RETURNING c.agent_id
)
SELECT pg_notify('desk', agent_id::text) FROM over

-- name: disposed
-- What agents say came of conversations, the last word of each, and what becomes of the leads by it,
-- unless they are on their way again (a message that follows the call does not count). A time that
-- was promised is kept by everybody's clock. Pages are told with the commit.
WITH v AS (
    SELECT DISTINCT ON (attempt) * FROM unnest(%(attempts)s::uuid[], %(agents)s::bigint[], %(at)s::timestamptz[],
        %(names)s::text[], %(meanings)s::text[], %(notes)s::text[], %(callbacks)s::timestamptz[],
        %(callback_agents)s::bigint[], %(lead_state)s::text[], %(due)s::timestamptz[],
        %(phone_index)s::smallint[], %(zones)s::text[], %(lead_attempts)s::smallint[],
        %(tries)s::jsonb[]) WITH ORDINALITY
      AS v(attempt, agent, at, name, meaning, notes, callback_at, callback_agent, lead_state, due,
           phone_index, zone, attempts, tries, n)
    ORDER BY attempt, n DESC
), written AS (
    INSERT INTO disposition (attempt_id, campaign_id, agent_id, at, name, meaning, notes,
                             callback_at, callback_agent)
    SELECT a.id, a.campaign_id, v.agent, v.at, v.name, v.meaning, v.notes, v.callback_at,
           v.callback_agent
    FROM v JOIN attempt a ON a.id = v.attempt
    ON CONFLICT (attempt_id) DO UPDATE
    SET agent_id = excluded.agent_id, at = excluded.at, name = excluded.name,
        meaning = excluded.meaning, notes = excluded.notes,
        callback_at = excluded.callback_at, callback_agent = excluded.callback_agent
), led AS (
    UPDATE lead l
    SET state = v.lead_state, attempts = v.attempts, tries = v.tries, phone_index = v.phone_index,
        zone = v.zone, put_off = v.callback_at IS NOT NULL,
        due_at = CASE WHEN v.callback_at IS NOT NULL THEN v.callback_at
                      ELSE coalesce(v.due - c.clock_offset, l.due_at) END,
        callback_at = v.callback_at, callback_agent = v.callback_agent
    FROM v JOIN attempt a ON a.id = v.attempt JOIN campaign c ON c.id = a.campaign_id
    WHERE l.id = a.lead_id AND l.state IN ('done', 'waiting', 'due') AND l.cell_id IS NULL
      AND NOT EXISTS (SELECT 1 FROM attempt later
                      WHERE later.lead_id = l.id AND later.journalled_at > a.journalled_at
                        AND later.follow_up_id IS NULL)
)
SELECT pg_notify('desk', agent::text) FROM v

-- name: answers
-- What became of answered calls, by UTC day, for the abandonment ledgers.
WITH days AS (
    SELECT o.campaign_id, (o.minute AT TIME ZONE 'UTC')::date AS day,
           sum(o.n) FILTER (WHERE o.outcome = 'answered') AS answered,
           sum(o.n) FILTER (WHERE o.outcome = 'abandoned') AS abandoned
    FROM outcome_minute o
    WHERE o.campaign_id = ANY(%(campaigns)s) AND o.outcome IN ('answered', 'abandoned')
      AND o.minute > now() - interval '31 days'
    GROUP BY 1, 2
), talks AS (
    SELECT c.campaign_id, (c.began_at AT TIME ZONE 'UTC')::date AS day,
           count(DISTINCT c.attempt_id) AS connected
    FROM conversation c
    WHERE c.campaign_id = ANY(%(campaigns)s) AND c.began_at > now() - interval '31 days'
    GROUP BY 1, 2
)
SELECT coalesce(d.campaign_id, t.campaign_id) AS campaign_id, coalesce(d.day, t.day) AS day,
       coalesce(d.answered, 0)::bigint AS answered, coalesce(d.abandoned, 0)::bigint AS abandoned,
       coalesce(t.connected, 0) AS connected
FROM days d FULL JOIN talks t ON t.campaign_id = d.campaign_id AND t.day = d.day
ORDER BY 1, 2

-- name: pause_of
-- The standing pause or termination of a campaign, as its agents are told of it.
SELECT r.actor, r.reason, c.agents_go_to, r.kind = 'terminate' AS final
FROM receipt r JOIN campaign c ON c.id = r.campaign_id
WHERE r.campaign_id = %(campaign)s AND r.kind <> 'part'
ORDER BY r.epoch DESC LIMIT 1
