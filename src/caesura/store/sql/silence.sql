-- Pausing many campaigns at once, and acknowledging many: each step of the protocol
-- (lifecycle.sql) for a set of campaigns in one statement.

-- name: lock_free
-- The campaigns that nobody holds at this moment; the others are asked for again.
SELECT * FROM campaign WHERE id = ANY(%(campaigns)s) ORDER BY id FOR NO KEY UPDATE SKIP LOCKED

-- name: settings_of_locked
-- In a statement of its own after the lock, so that it sees what the lock was waited for.
SELECT c.id, s.settings, s.digest FROM campaign c
JOIN campaign_settings s ON s.campaign_id = c.id AND s.version = c.settings_version
WHERE c.id = ANY(%(campaigns)s)

-- name: standing_receipts
-- Of each campaign, the receipt under which it is silent, or about to be.
SELECT DISTINCT ON (campaign_id) campaign_id, id FROM receipt
WHERE campaign_id = ANY(%(campaigns)s) AND kind <> 'part' ORDER BY campaign_id, epoch DESC

-- name: lease_in_use
-- Lock the leases that nobody holds; gives the campaigns of which one is held, by a launch or a
-- renewal of this moment. Nothing waits here, so no frozen cell holds up the other campaigns.
WITH free AS (
    SELECT campaign_id, cell_id FROM lease WHERE campaign_id = ANY(%(campaigns)s)
    FOR UPDATE SKIP LOCKED
)
SELECT DISTINCT l.campaign_id FROM lease l
WHERE l.campaign_id = ANY(%(campaigns)s)
  AND NOT EXISTS (SELECT 1 FROM free f
                  WHERE f.campaign_id = l.campaign_id AND f.cell_id = l.cell_id)

-- name: add_receipts
-- Each begins with what is in flight at the moment of the request.
INSERT INTO receipt (campaign_id, kind, epoch, actor, reason, drain, requested_at, emergency,
                     resume_at, resume_when, ringing_at_request, talking_at_request, settings_digest_before)
SELECT v.campaign, 'pause', v.epoch, %(actor)s, %(reason)s, v.drain, %(requested_at)s, %(emergency)s,
       %(resume_at)s, %(resume_when)s,
       coalesce(f.ringing, 0), coalesce(f.talking, 0), v.digest
FROM unnest(%(campaigns)s::bigint[], %(epochs)s::bigint[], %(drains)s::text[], %(digests)s::text[])
     AS v(campaign, epoch, drain, digest)
LEFT JOIN (
    SELECT campaign_id, count(*) FILTER (WHERE answered_at IS NULL) AS ringing,
           count(*) FILTER (WHERE answered_at IS NOT NULL) AS talking
    FROM attempt WHERE state <> 'ended' AND campaign_id = ANY(%(campaigns)s) GROUP BY campaign_id
) AS f ON f.campaign_id = v.campaign
RETURNING id, campaign_id

-- name: add_receipt_cells
-- One line for each cell that held a lease.
INSERT INTO receipt_cell (receipt_id, cell_id, node)
SELECT r.id, l.cell_id, c.node
FROM receipt r JOIN lease l ON l.campaign_id = r.campaign_id JOIN cell c ON c.id = l.cell_id
WHERE r.id = ANY(%(receipts)s)

-- name: revoke_leases
-- From here on no renewal and no launch of these leases can succeed.
UPDATE lease SET revoked = true WHERE campaign_id = ANY(%(campaigns)s)

-- name: change_states
-- Each campaign's state, with its epoch; of those that are paused by it, how the pause ends, and
-- whether it is an emergency stop.
UPDATE campaign c
SET state = v.to_state, epoch = c.epoch + 1,
    resume_at = CASE WHEN v.to_state = 'pausing' THEN %(resume_at)s::timestamptz ELSE c.resume_at END,
    resume_when = CASE WHEN v.to_state = 'pausing' THEN %(resume_when)s::jsonb ELSE c.resume_when END,
    stopped_by = CASE WHEN %(emergency)s AND v.to_state = 'pausing' THEN %(actor)s
                      ELSE c.stopped_by END,
    stopped_at = CASE WHEN %(emergency)s AND v.to_state = 'pausing' THEN clock_timestamp()
                      ELSE c.stopped_at END,
    two_to_release = c.two_to_release OR (%(two)s AND v.to_state = 'pausing')
FROM unnest(%(campaigns)s::bigint[], %(to_states)s::text[]) AS v(id, to_state)
WHERE c.id = v.id

-- name: add_transitions
-- One row of history for each.
INSERT INTO transition (campaign_id, from_state, to_state, epoch, actor, reason, receipt_id)
SELECT v.campaign, v.from_state, v.to_state, v.epoch, %(actor)s, %(reason)s, v.receipt
FROM unnest(%(campaigns)s::bigint[], %(from_states)s::text[], %(to_states)s::text[],
            %(epochs)s::bigint[], %(receipts)s::bigint[])
     AS v(campaign, from_state, to_state, epoch, receipt)

-- name: notify
-- Tells cells and dashboards; delivered with the commit, all of them together.
SELECT pg_notify('campaign', json_build_object('id', v.campaign, 'state', v.to_state,
                                               'epoch', v.epoch, 'drain', v.drain)::text)
FROM unnest(%(campaigns)s::bigint[], %(to_states)s::text[], %(epochs)s::bigint[],
            %(drains)s::text[]) AS v(campaign, to_state, epoch, drain)

-- name: unconfirmed
-- Which of these receipts still wait for silence.
SELECT id FROM receipt WHERE id = ANY(%(receipts)s) AND confirmed_at IS NULL

-- name: drains
-- What the standing decisions do with ringing calls, as `drain` in lease.sql; a campaign that runs
-- is left out.
SELECT DISTINCT ON (c.id) c.id, r.drain FROM campaign c JOIN receipt r ON r.campaign_id = c.id
WHERE c.id = ANY(%(campaigns)s) AND c.state IN ('pausing', 'paused', 'terminating', 'terminated')
  AND r.kind <> 'part'
ORDER BY c.id, r.epoch DESC

-- name: acknowledge
-- Give back what was not launched, say so in the receipts that wait for it, take back the revoked
-- leases, and seal what no lease is left of: one statement.
SELECT acknowledge(%(cell)s::uuid, %(leads)s::bigint[], %(attempts)s::uuid[],
    %(campaigns)s::bigint[], %(last_launches)s::timestamptz[], %(ringing)s::int[],
    %(conversations)s::int[], %(returned)s::int[], %(from_states)s::text[], %(to_states)s::text[])
