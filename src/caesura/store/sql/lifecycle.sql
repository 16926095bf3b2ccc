-- name: lock_campaign
-- The campaign row, locked: every lifecycle change and every acknowledgement goes through it.
-- NO KEY, because a launch that holds its lease inserts rows that refer to the campaign.
-- Alone: joined to its settings here, a row that was waited for would be checked against settings
-- older than the wait, and a pause during a change of settings would find no campaign.
SELECT * FROM campaign WHERE id = %(campaign)s FOR NO KEY UPDATE

-- name: settings_of_locked
-- In a statement of its own after the lock, so that it sees what the lock was waited for.
SELECT s.settings, s.digest
FROM campaign c
JOIN campaign_settings s ON s.campaign_id = c.id AND s.version = c.settings_version
WHERE c.id = %(campaign)s

-- name: change_state
-- The one statement that changes a campaign's state, but for `confirm`. How a pause ends stands with the pause: it
-- begins with it, outlives its confirmation, and goes with it.
UPDATE campaign
SET state = %(to_state)s, epoch = epoch + 1, clock_offset = clock_offset + %(stood_still)s,
    resume_at = CASE %(to_state)s WHEN 'paused' THEN resume_at ELSE %(resume_at)s END,
    resume_when = CASE %(to_state)s WHEN 'paused' THEN resume_when ELSE %(resume_when)s END,
    resume_set_by = CASE %(to_state)s WHEN 'paused' THEN resume_set_by END,
    resume_set_at = CASE %(to_state)s WHEN 'paused' THEN resume_set_at END,
    stopped_by = CASE %(to_state)s WHEN 'paused' THEN stopped_by END,
    stopped_at = CASE %(to_state)s WHEN 'paused' THEN stopped_at END,
    two_to_release = two_to_release AND %(to_state)s = 'paused',
    resumed_at = CASE WHEN state = 'paused' AND %(to_state)s = 'running' THEN clock_timestamp()
                      ELSE resumed_at END
WHERE id = %(campaign)s

-- name: add_transition
-- One row of history for each change of state, with the receipt that it began, if any.
INSERT INTO transition (campaign_id, from_state, to_state, epoch, actor, reason, receipt_id)
VALUES (%(campaign)s, %(from_state)s, %(to_state)s, %(epoch)s, %(actor)s, %(reason)s,
        (SELECT id FROM receipt WHERE campaign_id = %(campaign)s AND epoch = %(epoch)s))

-- name: notify
-- Tells cells and dashboards; delivered with the commit. The drain, so that no cell has to ask.
SELECT pg_notify('campaign', json_build_object(
    'id', %(campaign)s::bigint, 'state', %(state)s::text, 'epoch', %(epoch)s::bigint,
    'drain', %(drain)s::text)::text)

-- name: notify_holds
-- Something of a part is new, as the confirmation of its silence; the campaign's state is what it was.
SELECT pg_notify('campaign', json_build_object('id', %(campaign)s::bigint)::text)

-- name: revoke_leases
-- From here on no renewal and no launch of these leases can succeed.
UPDATE lease SET revoked = true WHERE campaign_id = %(campaign)s

-- name: add_receipt
-- The receipt begins with what is in flight at the moment of the request, and with one line for
-- each cell that holds a lease.
WITH made AS (
    INSERT INTO receipt (campaign_id, kind, epoch, actor, reason, drain, requested_at, emergency,
                         resume_at, resume_when, ringing_at_request, talking_at_request,
                         settings_digest_before, evidence)
    SELECT %(campaign)s, %(kind)s, %(epoch)s, %(actor)s, %(reason)s, %(drain)s, %(requested_at)s,
           %(emergency)s, %(resume_at)s, %(resume_when)s,
           count(*) FILTER (WHERE a.answered_at IS NULL),
           count(*) FILTER (WHERE a.answered_at IS NOT NULL), %(digest)s, %(evidence)s
    FROM attempt a WHERE a.campaign_id = %(campaign)s AND a.state <> 'ended'
    RETURNING id
), cells AS (
    INSERT INTO receipt_cell (receipt_id, cell_id, node)
    SELECT made.id, l.cell_id, c.node
    FROM made CROSS JOIN lease l JOIN cell c ON c.id = l.cell_id
    WHERE l.campaign_id = %(campaign)s
)
SELECT id FROM made

-- name: add_receipt_cells
-- One line for each cell that held a lease.
INSERT INTO receipt_cell (receipt_id, cell_id, node)
SELECT %(receipt)s, l.cell_id, c.node
FROM lease l JOIN cell c ON c.id = l.cell_id
WHERE l.campaign_id = %(campaign)s

-- name: standing_receipt
-- The receipt under which the campaign is silent, or about to be.
SELECT id FROM receipt WHERE campaign_id = %(campaign)s AND kind <> 'part'
ORDER BY epoch DESC LIMIT 1

-- name: expire_leases
-- The ttl of the decision that began `epoch` has passed: whoever has not acknowledged it has stopped
-- by itself. Leases given since are not its to end.
WITH gone AS (
    DELETE FROM lease WHERE campaign_id = %(campaign)s AND revoked AND epoch < %(epoch)s
    RETURNING cell_id
)
UPDATE receipt_cell p SET confirmed_by = 'expiry'
FROM receipt r
WHERE r.id = p.receipt_id AND r.campaign_id = %(campaign)s AND r.confirmed_at IS NULL
  AND p.confirmed_by IS NULL
  AND (r.epoch <= %(epoch)s OR p.cell_id IN (SELECT cell_id FROM gone))

-- name: lock_chain_to_seal
-- The chain of seals, before any receipt's row that is to be sealed: in one order, so that two
-- sealings never wait for each other. Only where there is something to seal or to complete.
SELECT 1 FROM receipt_chain
WHERE EXISTS (SELECT 1 FROM receipt r
              WHERE r.campaign_id = ANY(%(campaigns)s) AND r.completed_at IS NULL
                AND (r.confirmed_at IS NOT NULL
                     OR NOT EXISTS (SELECT 1 FROM lease l WHERE l.campaign_id = r.campaign_id
                                    AND l.epoch < r.epoch)))
FOR UPDATE

-- name: seal_receipts
-- Silence is confirmed where no lease of before is left: each receipt that waited for it takes the
-- sum of its cells' parts; so do those of pauses that a later one overtook, for silence is the
-- campaign's. When the last INVITE left, the journal tells for cells that could not say it
-- themselves. Where the state stays, because a part was silenced, everybody is told here.
WITH sealed AS (
    UPDATE receipt r
    SET confirmed_at = clock_timestamp(), confirmed_by = part.by,
        last_launch_at = coalesce(part.last_launch_at,
            (SELECT max(launched_at) FROM attempt WHERE campaign_id = r.campaign_id)),
        conversations_left = CASE WHEN part.cells > 0 THEN part.conversations_left
                                  ELSE r.talking_at_request END,
        leads_returned = part.leads_returned, settings_digest_after = now.digest
    FROM campaign c
    JOIN campaign_settings now ON now.campaign_id = c.id AND now.version = c.settings_version
    JOIN receipt s ON s.campaign_id = c.id AND s.confirmed_at IS NULL
    CROSS JOIN LATERAL (
          SELECT count(*) AS cells,
                 CASE WHEN bool_or(confirmed_by = 'expiry') THEN 'expiry'
                      ELSE 'acknowledgement' END AS by,
                 max(last_launch_at) AS last_launch_at,
                 coalesce(sum(conversations_left), 0) AS conversations_left,
                 coalesce(sum(leads_returned), 0) AS leads_returned
          FROM receipt_cell WHERE receipt_id = s.id) AS part
    WHERE c.id = ANY(%(campaigns)s) AND r.id = s.id
      AND NOT EXISTS (SELECT 1 FROM lease l WHERE l.campaign_id = c.id AND l.epoch < s.epoch)
    RETURNING r.campaign_id
)
SELECT pg_notify('campaign', json_build_object('id', c.id)::text) FROM campaign c
WHERE c.id IN (SELECT campaign_id FROM sealed) AND c.state <> ALL(%(from_states)s)

-- name: confirm
-- Where no lease is left, the passing state is left too: with its history and its notice.
WITH silent AS MATERIALIZED (
    SELECT c.id, v.from_state, v.to_state, c.epoch + 1 AS epoch,
           (SELECT id FROM receipt WHERE campaign_id = c.id AND kind <> 'part'
            ORDER BY epoch DESC LIMIT 1) AS receipt
    FROM campaign c
    JOIN unnest(%(from_states)s::text[], %(to_states)s::text[]) AS v(from_state, to_state)
      ON v.from_state = c.state
    WHERE c.id = ANY(%(campaigns)s)
      AND NOT EXISTS (SELECT 1 FROM lease l WHERE l.campaign_id = c.id)
), moved AS (
    UPDATE campaign c SET state = s.to_state, epoch = s.epoch FROM silent s WHERE c.id = s.id
), told AS (
    INSERT INTO transition (campaign_id, from_state, to_state, epoch, actor, reason, receipt_id)
    SELECT id, from_state, to_state, epoch, 'system', 'silence confirmed', receipt FROM silent
)
SELECT pg_notify('campaign', json_build_object(
    'id', id, 'state', to_state, 'epoch', epoch)::text)
FROM silent

-- name: lock_chain
-- As above, where nothing is to be sealed.
SELECT 1 FROM receipt_chain
WHERE EXISTS (SELECT 1 FROM receipt WHERE campaign_id = ANY(%(campaigns)s)
              AND completed_at IS NULL AND confirmed_at IS NOT NULL)
FOR UPDATE

-- name: complete_receipts
-- The last call of the campaign has ended, so the receipt says what came of the ringing ones.
UPDATE receipt r
SET completed_at = clock_timestamp(),
    cancelled = (SELECT count(*) FROM attempt a WHERE a.campaign_id = r.campaign_id
                 AND a.outcome = 'cancelled' AND a.epoch < r.epoch
                 AND a.ended_at >= r.requested_at)
WHERE r.campaign_id = ANY(%(campaigns)s) AND r.completed_at IS NULL AND r.confirmed_at IS NOT NULL
  AND NOT EXISTS (SELECT 1 FROM attempt a WHERE a.campaign_id = r.campaign_id
                  AND a.state <> 'ended' AND a.epoch < r.epoch)

-- name: incomplete
-- Campaigns with a receipt whose last call may have ended.
SELECT DISTINCT campaign_id FROM receipt WHERE confirmed_at IS NOT NULL AND completed_at IS NULL

-- name: passing
-- Campaigns whose silence is awaited, or that of a part; of an overtaken pause, by the later one.
SELECT c.id, c.epoch, r.id AS receipt_id FROM receipt r JOIN campaign c ON c.id = r.campaign_id
WHERE r.confirmed_at IS NULL
  AND (r.kind = 'part' OR NOT EXISTS (SELECT 1 FROM receipt o WHERE o.campaign_id = c.id
                                      AND o.kind <> 'part' AND o.epoch > r.epoch))

-- name: work_left
-- What keeps a campaign from being done: leads that are not at their end, by the tally, messages that
-- are to follow, and the silence of a part that is still awaited.
SELECT (SELECT coalesce(sum(n), 0) FROM lead_tally WHERE campaign_id = %(campaign)s
        AND state IN ('due', 'waiting', 'claimed', 'in_progress', 'held'))
     + (SELECT count(*) FROM follow_up WHERE campaign_id = %(campaign)s AND state = 'due')
     + (SELECT count(*) FROM receipt WHERE campaign_id = %(campaign)s AND confirmed_at IS NULL) AS n

-- name: drop_leases
-- A campaign that completes has nothing to launch.
DELETE FROM lease WHERE campaign_id = %(campaign)s

-- name: paused_since
-- When the standing pause was asked for.
SELECT requested_at FROM receipt WHERE campaign_id = %(campaign)s AND kind = 'pause'
ORDER BY epoch DESC LIMIT 1

-- name: history
-- The campaign's transitions, newest first.
SELECT from_state, to_state, epoch, actor, reason, at, receipt_id
FROM transition WHERE campaign_id = %(campaign)s AND epoch < %(before)s
ORDER BY epoch DESC LIMIT %(limit)s

-- name: receipt
-- One receipt.
SELECT r.*, c.name AS campaign FROM receipt r JOIN campaign c ON c.id = r.campaign_id
WHERE r.id = %(receipt)s

-- name: receipts
-- The campaign's receipts, newest first.
SELECT id FROM receipt WHERE campaign_id = %(campaign)s AND epoch < %(before)s
ORDER BY epoch DESC LIMIT %(limit)s

-- name: receipt_cells
-- The parts of one receipt.
SELECT cell_id, node, confirmed_by, acknowledged_at, last_launch_at, ringing, conversations_left,
       leads_returned
FROM receipt_cell WHERE receipt_id = %(receipt)s ORDER BY node, cell_id

-- name: cancelled_so_far
-- Calls that the pause has cancelled up to now.
SELECT count(*) AS n FROM attempt
WHERE campaign_id = %(campaign)s AND outcome = 'cancelled' AND epoch < %(epoch)s
  AND ended_at >= %(requested_at)s
