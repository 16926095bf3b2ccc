-- Parts of a campaign that are paused by themselves: placed, read, released, and their leads.

-- name: standing
-- The holds that stand, and which reading this is.
SELECT c.id AS campaign_id, c.holds_version AS version, h.id, h.scope, h.value, h.drain, h.list_id
FROM campaign c LEFT JOIN campaign_hold h ON h.campaign_id = c.id AND h.released_at IS NULL
WHERE c.id = ANY(%(campaigns)s) ORDER BY h.id

-- name: shown
-- The holds of campaigns for people; those that are over only if wanted.
SELECT h.campaign_id, h.id, h.scope, h.value, h.drain, h.receipt_id, h.actor, h.reason, h.since,
       h.until, h.released_at, h.released_by, r.confirmed_at
FROM campaign_hold h JOIN receipt r ON r.id = h.receipt_id
WHERE h.campaign_id = ANY(%(campaigns)s) AND (%(released)s OR h.released_at IS NULL)
ORDER BY h.campaign_id, h.released_at DESC NULLS FIRST, h.since, h.id

-- name: lists
-- The campaign's lists.
SELECT l.id, l.name FROM campaign_list cl JOIN contact_list l ON l.id = cl.list_id
WHERE cl.campaign_id = %(campaign)s ORDER BY l.name

-- name: standing_rows
-- The campaign's standing holds, locked with the campaign.
SELECT h.id, h.scope, h.value, h.receipt_id, r.confirmed_at, r.epoch
FROM campaign_hold h JOIN receipt r ON r.id = h.receipt_id
WHERE h.campaign_id = %(campaign)s AND h.released_at IS NULL ORDER BY h.id

-- name: open_calls
-- The campaign's calls that have not ended, with what decides which holds cover them.
SELECT a.answered_at, a.calling_number, a.trunk, a.channel, a.phone, c.list_id, c.region,
       coalesce(c.zones[array_position(c.phones, a.phone)], l.zone) AS zone
FROM attempt a JOIN lead l ON l.id = a.lead_id JOIN contact c ON c.id = l.contact_id
WHERE a.campaign_id = %(campaign)s AND a.state <> 'ended'

-- name: add_receipt
-- The receipt begins with the part's calls that are in flight at the moment of the request.
INSERT INTO receipt (campaign_id, kind, epoch, actor, reason, drain, requested_at,
                     ringing_at_request, talking_at_request, settings_digest_before, parts)
VALUES (%(campaign)s, 'part', %(epoch)s, %(actor)s, %(reason)s, %(drain)s, %(requested_at)s,
        %(ringing)s, %(talking)s, %(digest)s, %(parts)s)
RETURNING id

-- name: add_holds
-- They stand from here on.
INSERT INTO campaign_hold (campaign_id, scope, value, list_id, drain, receipt_id, epoch, actor,
                           reason, until)
SELECT %(campaign)s, v.scope, v.value, v.list_id, %(drain)s, %(receipt)s, %(epoch)s, %(actor)s,
       %(reason)s, %(until)s
FROM unnest(%(scopes)s::text[], %(values)s::text[], %(list_ids)s::bigint[])
     AS v(scope, value, list_id)

-- name: raise_epoch
-- The rights of before are over, whatever the state.
UPDATE campaign SET epoch = epoch + 1, holds_version = holds_version + 1 WHERE id = %(campaign)s

-- name: lengthen
-- The longer of two pauses wins: none at all is the longest.
UPDATE campaign_hold SET until = %(until)s
WHERE id = ANY(%(holds)s) AND until IS NOT NULL
  AND (%(until)s::timestamptz IS NULL OR until < %(until)s)

-- name: release
-- They are over; their leads return.
UPDATE campaign_hold
SET released_at = clock_timestamp(), released_by = %(actor)s, release_reason = %(reason)s
WHERE id = ANY(%(holds)s)

-- name: changed
-- Another reading of the holds.
UPDATE campaign SET holds_version = holds_version + 1 WHERE id = %(campaign)s

-- name: due_releases
-- Timed holds whose time has come, of campaigns that are not at their end.
SELECT h.id, h.campaign_id FROM campaign_hold h JOIN campaign c ON c.id = h.campaign_id
JOIN receipt r ON r.id = h.receipt_id
WHERE h.released_at IS NULL AND h.until <= clock_timestamp() AND r.confirmed_at IS NOT NULL
  AND c.state IN ('draft', 'running', 'pausing', 'paused')

-- name: being_emptied
-- A released hold that may still have leads; another cell that is at it is left alone.
SELECT id, campaign_id FROM campaign_hold
WHERE released_at IS NOT NULL AND NOT emptied AND (%(hold)s::bigint IS NULL OR id = %(hold)s)
ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED

-- name: standing_held
-- The holds that stand, kept standing to the end of the transaction: their leads are set aside in
-- it, and a release that comes later finds them.
SELECT id, scope, value, drain, list_id FROM campaign_hold
WHERE campaign_id = %(campaign)s AND released_at IS NULL ORDER BY id FOR SHARE

-- name: leads_of
-- Some of a hold's leads.
SELECT l.id, l.zone, c.list_id, c.region, c.phones[l.phone_index] AS phone
FROM lead l JOIN contact c ON c.id = l.contact_id
WHERE l.held_by = %(hold)s ORDER BY l.id LIMIT %(limit)s FOR UPDATE OF l

-- name: return_leads
-- Due again, or held by another hold that covers them.
UPDATE lead SET state = CASE WHEN v.hold IS NULL THEN 'due' ELSE 'held' END, held_by = v.hold
FROM unnest(%(leads)s::bigint[], %(holds)s::bigint[]) AS v(id, hold)
WHERE lead.id = v.id AND lead.state = 'held'

-- name: emptied
-- None of its leads is left.
UPDATE campaign_hold SET emptied = true WHERE id = %(hold)s

-- name: leads_by_place
-- How many leads that are not at their end there are, by what a hold can cover. By the first digits
-- of the number, which are all that a region asks for.
SELECT c.list_id, c.region, l.zone, left(c.phones[l.phone_index], 5) AS phone, count(*) AS n
FROM lead l JOIN contact c ON c.id = l.contact_id
WHERE l.campaign_id = %(campaign)s AND l.state IN ('due', 'waiting', 'claimed', 'in_progress', 'held')
GROUP BY 1, 2, 3, 4
