-- People who sign in, their sessions, and how often signing in was tried.

-- name: insert
-- A name that an API key acts under is not free: history could not tell the two apart.
INSERT INTO app_user (name, password_hash, must_change_password, created_by, role)
SELECT %(name)s, %(hash)s, true, %(actor)s, %(role)s
WHERE NOT EXISTS (SELECT FROM api_key WHERE lower(name) = lower(%(name)s))
ON CONFLICT DO NOTHING
RETURNING id;

-- name: find
SELECT id, name, password_hash, must_change_password, disabled_at FROM app_user
WHERE lower(name) = lower(%(name)s);

-- name: is_any
SELECT EXISTS (SELECT FROM app_user) AS found;

-- name: list_all
SELECT name, role, must_change_password, created_by, created_at, signed_in_at, disabled_at
FROM app_user ORDER BY lower(name);

-- name: one
SELECT name, role, must_change_password, created_by, created_at, signed_in_at, disabled_at
FROM app_user WHERE lower(name) = lower(%(name)s);

-- name: lock_all
-- So that two who disable each other do not leave nobody.
LOCK TABLE app_user IN SHARE ROW EXCLUSIVE MODE;

-- name: is_last_manager
-- A manager, and no other one can sign in.
SELECT 1 AS last FROM app_user u
WHERE lower(u.name) = lower(%(name)s) AND u.role = 'manager'
  AND NOT EXISTS (SELECT FROM app_user o
                  WHERE o.role = 'manager' AND o.disabled_at IS NULL AND o.id <> u.id);

-- name: set_disabled
UPDATE app_user
SET disabled_at = CASE WHEN %(disabled)s THEN coalesce(disabled_at, now()) END
WHERE lower(name) = lower(%(name)s)
RETURNING id;

-- name: set_password
UPDATE app_user SET password_hash = %(hash)s, must_change_password = %(must_change)s
WHERE id = %(user)s;

-- name: rehash
-- The same password under newer parameters, unless it was changed meanwhile.
UPDATE app_user SET password_hash = %(hash)s WHERE id = %(user)s AND password_hash = %(was)s;

-- name: preferences
SELECT preferences FROM app_user WHERE id = %(user)s;

-- name: set_preferences
UPDATE app_user SET preferences = %(preferences)s WHERE id = %(user)s;

-- name: signed_in
UPDATE app_user SET signed_in_at = now() WHERE id = %(user)s;

-- name: insert_session
INSERT INTO session (digest, user_id, csrf_token, expires_at)
VALUES (%(digest)s, %(user)s, %(csrf)s, now() + %(lifetime)s::interval);

-- name: session
-- A session that is still good, and whose it is.
SELECT s.user_id, u.name, u.role, u.must_change_password, s.csrf_token, s.expires_at,
       EXISTS (SELECT FROM agent a WHERE a.id = u.id AND a.retired_at IS NULL) AS agent,
       s.seen_at < now() - interval '1 minute' AS stale
FROM session s JOIN app_user u ON u.id = s.user_id
WHERE s.digest = %(digest)s AND u.disabled_at IS NULL
  AND s.expires_at > now() AND s.seen_at > now() - %(idle)s::interval;

-- name: see_session
UPDATE session SET seen_at = now() WHERE digest = %(digest)s;

-- name: end_session
DELETE FROM session WHERE digest = %(digest)s;

-- name: end_sessions
DELETE FROM session WHERE user_id = %(user)s;

-- name: forget_sessions
DELETE FROM session WHERE expires_at < now() OR seen_at < now() - %(idle)s::interval;

-- name: lock_attempts
-- One at a time for each address, until the transaction ends.
SELECT pg_advisory_xact_lock(hashtextextended('caesura sign-in ' || %(address)s, 0));

-- name: forget_attempts
DELETE FROM sign_in_attempt WHERE at < clock_timestamp() - %(window)s::interval;

-- name: attempts
-- How many of this address in the window, how many of them for this name, and how long until
-- enough of them are over to try again.
WITH recent AS (
    SELECT at, who = %(who)s AS ours,
           row_number() OVER (ORDER BY at DESC) AS n,
           row_number() OVER (PARTITION BY who = %(who)s ORDER BY at DESC) AS n_ours
    FROM sign_in_attempt
    WHERE address = %(address)s AND at >= clock_timestamp() - %(window)s::interval
)
SELECT extract(epoch FROM max(at) FILTER (
           WHERE n = %(per_address)s OR (ours AND n_ours = %(per_name)s))
       + %(window)s::interval - clock_timestamp())::float8 AS wait_s
FROM recent;

-- name: insert_attempt
INSERT INTO sign_in_attempt (address, who) VALUES (%(address)s, %(who)s);

-- name: pardon_attempts
DELETE FROM sign_in_attempt WHERE address = %(address)s AND who = %(who)s;
