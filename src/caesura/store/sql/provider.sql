-- Providers of messages. The password leaves this file only for the messenger process.

-- name: insert
INSERT INTO provider (name, host, port, tls, tls_verify, username, password, max_per_s, window_size,
                      options, enabled)
VALUES (%(name)s, %(host)s, %(port)s, %(tls)s, %(tls_verify)s, %(username)s, %(password)s,
        %(max_per_s)s, %(window_size)s, %(options)s, %(enabled)s)
ON CONFLICT (name) DO NOTHING
RETURNING id;

-- name: page
SELECT p.id, p.name, p.host, p.port, p.tls, p.tls_verify, p.username,
       p.password IS NOT NULL AS has_password, p.max_per_s, p.window_size, p.options, p.enabled,
       p.created_at,
       coalesce((SELECT jsonb_agg(jsonb_build_object(
                        'cell_id', h.cell_id, 'node', c.node, 'reachable', h.reachable,
                        'bound', h.bound, 'throttled', h.throttled, 'detail', h.detail,
                        'at', h.at)
                        ORDER BY c.node, h.cell_id)
                 FROM provider_health h JOIN cell c ON c.id = h.cell_id
                 WHERE h.provider_id = p.id AND c.gone_at IS NULL), '[]') AS health
FROM provider p
WHERE (%(name)s::text IS NULL OR p.name = %(name)s)
  AND (%(after)s::text IS NULL OR p.name > %(after)s)
ORDER BY p.name
LIMIT %(limit)s;

-- name: lock
SELECT name, host, port, tls, tls_verify, username, password, max_per_s, window_size, options,
       enabled
FROM provider WHERE name = %(name)s FOR UPDATE;

-- name: update
UPDATE provider SET host = %(host)s, port = %(port)s, tls = %(tls)s, tls_verify = %(tls_verify)s,
    username = %(username)s, password = %(password)s, max_per_s = %(max_per_s)s,
    window_size = %(window_size)s, options = %(options)s, enabled = %(enabled)s
WHERE name = %(name)s;

-- name: delete
DELETE FROM provider WHERE name = %(name)s RETURNING id;

-- name: notify
SELECT pg_notify('provider', %(name)s);

-- name: all
-- All providers with what the messenger needs to use them.
SELECT name, host, port, tls, tls_verify, username, password, max_per_s, window_size, options,
       enabled
FROM provider ORDER BY id;

-- name: health
-- How this cell sees a provider.
INSERT INTO provider_health AS h (provider_id, cell_id, reachable, bound, throttled, detail, at)
SELECT id, %(cell)s, %(reachable)s, %(bound)s, %(throttled)s, %(detail)s, clock_timestamp()
FROM provider WHERE name = %(provider)s
ON CONFLICT (provider_id, cell_id) DO UPDATE
SET reachable = excluded.reachable, bound = excluded.bound, throttled = excluded.throttled,
    detail = excluded.detail, at = excluded.at;

-- name: facts
-- A provider of which no cell has said anything yet counts as reachable.
SELECT p.name, NULL::int AS channels, 0 AS in_use,
       p.enabled AND coalesce((SELECT bool_or(h.reachable AND h.bound IS NOT FALSE)
                               FROM provider_health h JOIN cell c ON c.id = h.cell_id
                               WHERE h.provider_id = p.id AND c.gone_at IS NULL), true) AS reachable
FROM provider p WHERE p.name = ANY(%(names)s)
ORDER BY array_position(%(names)s::text[], p.name);
