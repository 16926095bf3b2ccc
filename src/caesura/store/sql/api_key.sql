-- API keys. Only a digest of a key is kept: who reads this table can act as nobody.

-- name: insert
INSERT INTO api_key (name, digest) VALUES (%(name)s, %(digest)s)
ON CONFLICT (name) DO NOTHING
RETURNING id;

-- name: actor_of
SELECT name FROM api_key WHERE digest = %(digest)s AND revoked_at IS NULL;

-- name: list_all
SELECT name, created_at, revoked_at FROM api_key ORDER BY id;

-- name: revoke
UPDATE api_key SET revoked_at = coalesce(revoked_at, now()) WHERE name = %(name)s
RETURNING name;
