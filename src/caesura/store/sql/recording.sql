-- Recorded messages, kept as the G.711 that goes on the wire.

-- name: insert
INSERT INTO recording (name, sha256, duration_ms, pcmu, pcma, created_by)
VALUES (%(name)s, %(sha256)s, %(duration_ms)s, %(pcmu)s, %(pcma)s, %(actor)s)
ON CONFLICT (name) DO NOTHING
RETURNING id;

-- name: page
SELECT id, name, sha256, duration_ms, created_by, created_at FROM recording
WHERE (%(name)s::text IS NULL OR name = %(name)s)
  AND (%(after)s::text IS NULL OR name > %(after)s)
ORDER BY name
LIMIT %(limit)s;

-- name: audio
SELECT pcmu FROM recording WHERE name = %(name)s;

-- name: delete
DELETE FROM recording WHERE name = %(name)s RETURNING id;
