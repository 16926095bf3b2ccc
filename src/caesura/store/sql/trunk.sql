-- SIP connections to carriers. The password leaves this file only for the line process.

-- name: insert
INSERT INTO trunk (name, host, port, username, password, register, max_channels, max_cps,
                   options_interval_s, enabled)
VALUES (%(name)s, %(host)s, %(port)s, %(username)s, %(password)s, %(register)s, %(max_channels)s,
        %(max_cps)s, %(options_interval_s)s, %(enabled)s)
ON CONFLICT (name) DO NOTHING
RETURNING id;

-- name: page
SELECT t.id, t.name, t.host, t.port, t.username, t.password IS NOT NULL AS has_password,
       t.register, t.max_channels, t.max_cps, t.options_interval_s, t.enabled, t.created_at,
       coalesce((SELECT jsonb_agg(jsonb_build_object(
                        'cell_id', h.cell_id, 'node', c.node, 'reachable', h.reachable,
                        'registered', h.registered, 'detail', h.detail, 'at', h.at)
                        ORDER BY c.node, h.cell_id)
                 FROM trunk_health h JOIN cell c ON c.id = h.cell_id
                 WHERE h.trunk_id = t.id AND c.gone_at IS NULL), '[]') AS health
FROM trunk t
WHERE (%(name)s::text IS NULL OR t.name = %(name)s)
  AND (%(after)s::text IS NULL OR t.name > %(after)s)
ORDER BY t.name
LIMIT %(limit)s;

-- name: lock
SELECT id, name, host, port, username, password, register, max_channels, max_cps,
       options_interval_s, enabled
FROM trunk WHERE name = %(name)s FOR UPDATE;

-- name: update
UPDATE trunk SET host = %(host)s, port = %(port)s, username = %(username)s,
    password = %(password)s, register = %(register)s, max_channels = %(max_channels)s,
    max_cps = %(max_cps)s, options_interval_s = %(options_interval_s)s, enabled = %(enabled)s
WHERE name = %(name)s;

-- name: delete
DELETE FROM trunk WHERE name = %(name)s RETURNING id;

-- name: notify
SELECT pg_notify('trunk', %(name)s);
