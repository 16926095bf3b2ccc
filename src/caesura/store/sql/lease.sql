-- name: register
-- A cell that starts.
INSERT INTO cell (id, node) VALUES (%(cell)s, %(node)s)

-- name: heartbeat
-- The cell lives. It may have been given up meanwhile (stopped, cut off); it is back.
UPDATE cell SET seen_at = clock_timestamp(), gone_at = NULL WHERE id = %(cell)s

-- name: unregister
-- A cell that stops in good order.
UPDATE cell SET gone_at = clock_timestamp() WHERE id = %(cell)s

-- name: tell_of_journal
-- What the cell has not stored yet.
UPDATE cell SET journal_waiting = %(waiting)s, spool_bytes = %(spool_bytes)s,
    spool_full = %(spool_full)s, spool_filled_at = %(spool_filled_at)s
WHERE id = %(cell)s

-- name: acquire
-- Take a lease on every running campaign that this cell has none of. FOR SHARE: a pause either
-- sees this lease or makes this statement see that the campaign no longer runs. With each, as below.
INSERT INTO lease (campaign_id, cell_id, epoch)
SELECT c.id, %(cell)s, c.epoch FROM campaign c
WHERE c.state = 'running'
  AND NOT EXISTS (SELECT 1 FROM lease l WHERE l.campaign_id = c.id AND l.cell_id = %(cell)s)
FOR SHARE OF c
ON CONFLICT DO NOTHING
RETURNING campaign_id AS campaign, epoch, acquired_at,
    (SELECT extract(epoch FROM clock_timestamp() - c.resumed_at)::float8
     FROM campaign c WHERE c.id = lease.campaign_id) AS resumed_s,
    -- Whoever lives will hold a lease of it in a moment, as this cell does.
    (SELECT greatest(count(*), 1) FROM cell o WHERE o.gone_at IS NULL
        AND o.seen_at BETWEEN clock_timestamp() - %(silent_for)s::interval
                          AND clock_timestamp() + %(silent_for)s::interval) AS cells,
    (SELECT count(*) FROM cell o WHERE o.gone_at IS NULL AND o.id < lease.cell_id
        AND o.seen_at BETWEEN clock_timestamp() - %(silent_for)s::interval
                          AND clock_timestamp() + %(silent_for)s::interval) AS rank

-- name: renew
-- Renewal and revocation meet on the lease row. With each lease: how long ago the campaign was
-- resumed, among how many cells it is shared, and which of them this one is.
UPDATE lease SET renewed_at = clock_timestamp()
WHERE cell_id = %(cell)s AND NOT revoked
RETURNING campaign_id AS campaign, epoch, acquired_at,
    (SELECT extract(epoch FROM clock_timestamp() - c.resumed_at)::float8
     FROM campaign c WHERE c.id = lease.campaign_id) AS resumed_s,
    (SELECT count(*) FROM lease o WHERE o.campaign_id = lease.campaign_id AND NOT o.revoked) AS cells,
    (SELECT count(*) FROM lease o WHERE o.campaign_id = lease.campaign_id AND NOT o.revoked
        AND o.cell_id < lease.cell_id) AS rank

-- name: revoked
-- Leases of this cell that were revoked and await its acknowledgement.
SELECT l.campaign_id, l.epoch, r.drain
FROM lease l
JOIN LATERAL (SELECT drain FROM receipt WHERE campaign_id = l.campaign_id
              ORDER BY epoch DESC LIMIT 1) r ON true
WHERE l.cell_id = %(cell)s AND l.revoked

-- name: drain
-- What the standing pause or termination does with ringing calls. None while the campaign runs: a
-- pause that is over decides nothing.
SELECT r.drain FROM receipt r JOIN campaign c ON c.id = r.campaign_id
WHERE c.id = %(campaign)s AND c.state IN ('pausing', 'paused', 'terminating', 'terminated')
  AND r.kind <> 'part'
ORDER BY r.epoch DESC LIMIT 1

-- name: silent_cells
-- Cells that hold something and have not been heard of for longer than any lease lasts. Both
-- times are the database's, whose clock may step: a sign from the future is none, either.
SELECT c.id FROM cell c
WHERE c.id <> %(cell)s
  AND (c.seen_at NOT BETWEEN clock_timestamp() - %(silent_for)s::interval
                         AND clock_timestamp() + %(silent_for)s::interval
       OR c.gone_at IS NOT NULL)
  AND (EXISTS (SELECT 1 FROM lease WHERE cell_id = c.id)
       OR EXISTS (SELECT 1 FROM lead WHERE cell_id = c.id)
       OR EXISTS (SELECT 1 FROM attempt WHERE cell_id = c.id AND state <> 'ended')
       OR EXISTS (SELECT 1 FROM desk WHERE cell_id = c.id))

-- name: last_signs
-- When each of these cells was last heard of, in any way.
SELECT c.id, c.seen_at, (SELECT max(renewed_at) FROM lease WHERE cell_id = c.id) AS renewed_at
FROM cell c WHERE c.id = ANY(%(cells)s)

-- name: lock_silent_cell
-- Only one cell recovers another, and not one that has come back.
SELECT id FROM cell
WHERE id = %(gone)s
  AND (seen_at NOT BETWEEN clock_timestamp() - %(silent_for)s::interval
                       AND clock_timestamp() + %(silent_for)s::interval
       OR gone_at IS NOT NULL)
FOR UPDATE SKIP LOCKED

-- name: mark_gone
-- It is given up; its leases of running campaigns with it. Revoked ones are left for the seal,
-- which tells them from acknowledged ones.
UPDATE cell SET gone_at = coalesce(gone_at, clock_timestamp()) WHERE id = %(gone)s

-- name: drop_leases_of
-- Without its lease, a cell that wakes up can launch nothing. Never one that was renewed within
-- the ttl: its gate may be open, and a pause that finds no lease waits for nobody. Checked again
-- on the row itself if a renewal is under way.
DELETE FROM lease
WHERE cell_id = %(gone)s AND NOT revoked
  AND renewed_at NOT BETWEEN clock_timestamp() - %(ttl)s::interval
                         AND clock_timestamp() + %(ttl)s::interval

-- name: leases_of
-- Whether the cell still has a right.
SELECT count(*) AS n FROM lease WHERE cell_id = %(gone)s AND NOT revoked

-- name: return_claimed
-- Claimed and not launched: nothing happened to them.
UPDATE lead SET state = 'due', cell_id = NULL WHERE cell_id = %(gone)s AND state = 'claimed'

-- name: open_attempts_of
-- What a cell that is gone has left open.
SELECT a.id, a.campaign_id, a.lead_id, a.journalled_at, a.answered_at,
       l.attempts, l.tries, l.phone_index, c.phones, c.zones
FROM attempt a
JOIN lead l ON l.id = a.lead_id
JOIN contact c ON c.id = l.contact_id
WHERE a.cell_id = %(gone)s AND a.state <> 'ended'
FOR UPDATE OF a, l

-- name: cells
-- Who runs, for people.
SELECT c.id, c.node, c.started_at, c.seen_at, c.gone_at,
       (SELECT count(*) FROM lease l WHERE l.cell_id = c.id AND NOT l.revoked) AS leases,
       (SELECT count(*) FROM attempt a WHERE a.cell_id = c.id AND a.state <> 'ended') AS calls
FROM cell c
WHERE c.gone_at IS NULL AND c.seen_at > clock_timestamp() - interval '1 minute'
ORDER BY c.node, c.started_at
