-- Notifications: who is told what, and what is on its way. Secrets leave this file only for whoever
-- delivers.

-- name: add_recipient
INSERT INTO notification_recipient (name, destination, secret, events, enabled, created_by)
VALUES (%(name)s, %(destination)s, %(secret)s, %(events)s, %(enabled)s, %(actor)s)
ON CONFLICT (name) DO NOTHING
RETURNING id

-- name: recipients
-- All of them, with what is on its way and what came of the last that was tried.
SELECT r.id, r.name, r.destination, r.secret IS NOT NULL AS has_secret, r.events, r.enabled,
       r.created_by, r.created_at, coalesce(n.waiting, 0) AS waiting,
       coalesce(n.given_up, 0) AS given_up, l.tried_at AS last_tried_at, l.state AS last_state,
       l.answer AS last_answer
FROM notification_recipient r
LEFT JOIN (SELECT recipient_id, count(*) FILTER (WHERE state = 'waiting') AS waiting,
                  count(*) FILTER (WHERE state = 'given_up') AS given_up
           FROM notification WHERE state <> 'delivered' GROUP BY recipient_id) AS n
       ON n.recipient_id = r.id
LEFT JOIN LATERAL (SELECT tried_at, state, answer FROM notification
                   WHERE recipient_id = r.id AND tried_at IS NOT NULL
                   ORDER BY id DESC LIMIT 1) AS l ON true
WHERE %(name)s::text IS NULL OR r.name = %(name)s
ORDER BY r.name

-- name: lock_recipient
-- With its secret.
SELECT id, name, destination, secret, events, enabled FROM notification_recipient
WHERE name = %(name)s FOR UPDATE

-- name: change_recipient
UPDATE notification_recipient
SET destination = %(destination)s, secret = %(secret)s, events = %(events)s, enabled = %(enabled)s
WHERE name = %(name)s

-- name: remove_recipient
DELETE FROM notification_recipient WHERE name = %(name)s RETURNING id

-- name: remove_notifications_of
DELETE FROM notification WHERE recipient_id = %(recipient)s

-- name: tell
-- As the triggers do it (migration of the notifications).
SELECT notify_recipients(%(event)s, %(content)s)

-- name: claim
-- Take some that are due. Until they are done they are due again after `lost_after`, in case that
-- whoever took them dies. Nobody waits for anybody.
UPDATE notification n
SET tries = n.tries + 1, tried_at = clock_timestamp(),
    next_try_at = clock_timestamp() + %(lost_after)s::interval
FROM (SELECT w.id, r.name, r.destination, r.secret
      FROM notification w JOIN notification_recipient r ON r.id = w.recipient_id AND r.enabled
      WHERE w.state = 'waiting' AND w.next_try_at <= clock_timestamp()
      ORDER BY w.next_try_at LIMIT %(limit)s FOR UPDATE OF w SKIP LOCKED) AS due
WHERE n.id = due.id
RETURNING n.id, n.key, n.event, n.content, n.created_at, n.tries, due.name, due.destination,
          due.secret

-- name: delivered
UPDATE notification SET state = 'delivered', answer = %(answer)s, delivered_at = clock_timestamp()
WHERE id = %(id)s AND state = 'waiting'

-- name: failed
-- Try again later, or, with no later, give it up.
UPDATE notification
SET answer = %(answer)s,
    state = CASE WHEN %(later)s::interval IS NULL THEN 'given_up' ELSE 'waiting' END,
    next_try_at = clock_timestamp() + coalesce(%(later)s::interval, '0')
WHERE id = %(id)s AND state = 'waiting'

-- name: page
-- Newest first.
SELECT n.id, n.key, r.name AS recipient, n.event, n.content, n.created_at, n.state, n.tries,
       n.tried_at, CASE WHEN n.state = 'waiting' THEN n.next_try_at END AS next_try_at, n.answer,
       n.delivered_at
FROM notification n JOIN notification_recipient r ON r.id = n.recipient_id
WHERE (%(state)s::text IS NULL OR n.state = %(state)s)
  AND (%(recipient)s::text IS NULL OR r.name = %(recipient)s)
  AND (%(before)s::bigint IS NULL OR n.id < %(before)s) AND (%(id)s::bigint IS NULL OR n.id = %(id)s)
ORDER BY n.id DESC LIMIT %(limit)s

-- name: retry
-- From the beginning, at once.
UPDATE notification SET state = 'waiting', tries = 0, next_try_at = clock_timestamp()
WHERE id = %(id)s AND state = 'given_up' RETURNING id

-- name: counts
SELECT state, count(*) AS n FROM notification GROUP BY state

-- name: forget_old
-- What was delivered a month ago, or given up three months ago, and what nobody is left to get.
DELETE FROM notification n
WHERE (n.state = 'delivered' AND n.created_at < now() - interval '30 days')
   OR (n.state = 'given_up' AND n.created_at < now() - interval '90 days')
   OR NOT EXISTS (SELECT 1 FROM notification_recipient r WHERE r.id = n.recipient_id)

-- name: raise_alarm
-- Once, until it is lowered.
INSERT INTO alarm (name) VALUES (%(name)s) ON CONFLICT DO NOTHING RETURNING name

-- name: lower_alarm
DELETE FROM alarm WHERE name = %(name)s
