-- Providers of messages. The password leaves this file only for the messenger process.

-- name: insert
INSERT INTO provider (name, host, port, tls, tls_verify, username, password, max_per_s, window_size,
                      options, enabled, disabled_since)
VALUES (%(name)s, %(host)s, %(port)s, %(tls)s, %(tls_verify)s, %(username)s, %(password)s,
        %(max_per_s)s, %(window_size)s, %(options)s, %(enabled)s,
        CASE WHEN NOT %(enabled)s THEN clock_timestamp() END)
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
    window_size = %(window_size)s, options = %(options)s, enabled = %(enabled)s,
    disabled_since = CASE WHEN NOT %(enabled)s THEN coalesce(disabled_since, clock_timestamp()) END
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
-- How this cell sees a provider. One that goes down again within `flap` of coming up was never up:
-- then it is down since before.
INSERT INTO provider_health AS h (provider_id, cell_id, reachable, bound, throttled, detail, at,
                                  down_since, up_since)
SELECT p.id, %(cell)s, v.reachable, v.bound, %(throttled)s, %(detail)s, v.at,
       CASE WHEN NOT v.up THEN v.at END, CASE WHEN v.up THEN v.at END
FROM provider p
CROSS JOIN LATERAL (SELECT %(reachable)s::boolean AS reachable, %(bound)s::boolean AS bound,
                           %(reachable)s::boolean AND %(bound)s::boolean IS NOT FALSE AS up,
                           clock_timestamp() AS at) AS v
WHERE p.name = %(provider)s
ON CONFLICT (provider_id, cell_id) DO UPDATE
SET reachable = excluded.reachable, bound = excluded.bound, throttled = excluded.throttled,
    detail = excluded.detail, at = excluded.at,
    down_since = CASE WHEN excluded.up_since IS NOT NULL THEN h.down_since
                      WHEN h.up_since <= excluded.at - %(flap)s::interval THEN excluded.at
                      ELSE coalesce(h.down_since, excluded.at) END,
    up_since = CASE WHEN excluded.up_since IS NOT NULL
                    THEN coalesce(h.up_since, excluded.up_since) END;

-- name: facts
-- A provider of which no cell has said anything yet counts as reachable.
SELECT p.name, NULL::int AS channels, 0 AS in_use,
       p.enabled AND coalesce((SELECT bool_or(h.reachable AND h.bound IS NOT FALSE)
                               FROM provider_health h JOIN cell c ON c.id = h.cell_id
                               WHERE h.provider_id = p.id AND c.gone_at IS NULL), true) AS reachable
FROM provider p WHERE p.name = ANY(%(names)s)
ORDER BY array_position(%(names)s::text[], p.name);
