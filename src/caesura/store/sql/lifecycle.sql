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
    agents_go_to = CASE %(to_state)s WHEN 'paused' THEN agents_go_to END,
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

-- name: seal_if_silent
-- Seal the receipts that wait for no lease any more; with none left, leave the passing state.
SELECT seal_if_silent(
    %(campaigns)s::bigint[], %(from_states)s::text[], %(to_states)s::text[])

-- name: complete_receipts
-- Complete the receipts of campaigns whose last call before the pause has ended.
SELECT complete_receipts(%(campaigns)s::bigint[])

-- name: complete_receipts_of
-- The same of the campaigns that were paused or terminated while these attempts were on.
SELECT complete_receipts(ARRAY(
    SELECT DISTINCT a.campaign_id FROM attempt a
    JOIN receipt r
      ON r.campaign_id = a.campaign_id AND r.epoch > a.epoch AND r.completed_at IS NULL
    WHERE a.id = ANY(%(attempts)s::uuid[])))

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
-- are to follow, the silence of a part that is still awaited, and conversations of which the agent has
-- not said what came of them: that can bring a lead back.
SELECT (SELECT coalesce(sum(n), 0) FROM lead_tally WHERE campaign_id = %(campaign)s
        AND state IN ('due', 'waiting', 'claimed', 'in_progress', 'held'))
     + (SELECT count(*) FROM follow_up WHERE campaign_id = %(campaign)s AND state = 'due')
     + (SELECT count(*) FROM receipt WHERE campaign_id = %(campaign)s AND confirmed_at IS NULL)
     + (SELECT count(*) FROM desk WHERE campaign_id = %(campaign)s
        AND presence IN ('calling', 'on_call', 'wrap_up')) AS n

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
