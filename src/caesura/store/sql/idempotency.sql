-- Answers to creating calls, so that a repeated call gets the same answer and creates nothing.

-- name: lock
-- One at a time for each actor and key, until the transaction ends.
SELECT pg_advisory_xact_lock(hashtextextended(%(actor)s || chr(10) || %(key)s, 7));

-- name: find
SELECT request, status, response FROM idempotency_key
WHERE actor = %(actor)s AND key = %(key)s;

-- name: insert
INSERT INTO idempotency_key (key, actor, request, status, response)
VALUES (%(key)s, %(actor)s, %(request)s, %(status)s, %(response)s);

-- name: forget
DELETE FROM idempotency_key WHERE created_at < now() - interval '24 hours';
