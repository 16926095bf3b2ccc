-- Emergency stops, and who releases them.

-- name: mark
-- The standing pause is an emergency stop. One that two persons release never ends by itself.
UPDATE campaign
SET stopped_by = coalesce(stopped_by, %(actor)s), stopped_at = coalesce(stopped_at, clock_timestamp()),
    two_to_release = two_to_release OR %(two)s,
    resume_at = CASE WHEN two_to_release OR %(two)s THEN NULL ELSE resume_at END,
    resume_when = CASE WHEN two_to_release OR %(two)s THEN '[]' ELSE resume_when END
WHERE id = %(campaign)s

-- name: ask
-- Somebody asks for the release.
INSERT INTO release_request (campaign_id, epoch, asked_by, reason, expires_at)
VALUES (%(campaign)s, %(epoch)s, %(actor)s, %(reason)s, %(expires_at)s)
RETURNING *

-- name: open
-- The request of this pause that nobody has decided, locked.
SELECT * FROM release_request
WHERE campaign_id = %(campaign)s AND epoch = %(epoch)s AND decided_at IS NULL
FOR UPDATE

-- name: decide
-- What became of a request.
UPDATE release_request
SET decided_by = %(actor)s, decided_at = clock_timestamp(), decision = %(decision)s
WHERE id = %(request)s AND decided_at IS NULL

-- name: standing
-- The request that awaits approval now.
SELECT r.* FROM release_request r JOIN campaign c ON c.id = r.campaign_id
WHERE c.id = %(campaign)s AND c.state = 'paused' AND c.epoch = r.epoch
  AND r.decided_at IS NULL AND r.expires_at > clock_timestamp()

-- name: requests
-- Every request of a campaign; one whose time is over is told as expired.
SELECT id, epoch, asked_by, asked_at, reason, expires_at, decided_by,
       coalesce(decided_at, CASE WHEN expires_at <= clock_timestamp() THEN expires_at END)
           AS decided_at,
       coalesce(decision, CASE WHEN expires_at <= clock_timestamp() THEN 'expired' END) AS decision
FROM release_request
WHERE campaign_id = %(campaign)s AND (%(before)s::bigint IS NULL OR id < %(before)s)
ORDER BY id DESC LIMIT %(limit)s

-- name: awaiting
-- The campaigns of which a release awaits approval.
SELECT r.campaign_id FROM release_request r JOIN campaign c ON c.id = r.campaign_id
WHERE c.state = 'paused' AND c.epoch = r.epoch
  AND r.decided_at IS NULL AND r.expires_at > clock_timestamp()
ORDER BY r.campaign_id
