-- API keys. Only a digest of a key is kept: who reads this table can act as nobody.

-- name: insert
-- A user's name is not free: history could not tell the two apart.
INSERT INTO api_key (name, digest)
SELECT %(name)s, %(digest)s
WHERE NOT EXISTS (SELECT FROM app_user WHERE lower(name) = lower(%(name)s))
ON CONFLICT (name) DO NOTHING
RETURNING id;

-- name: actor_of
SELECT name FROM api_key WHERE digest = %(digest)s AND revoked_at IS NULL;

-- name: list_all
SELECT name, created_at, revoked_at FROM api_key ORDER BY id;

-- name: revoke
UPDATE api_key SET revoked_at = coalesce(revoked_at, now()) WHERE name = %(name)s
RETURNING name;
