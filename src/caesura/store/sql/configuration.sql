-- name: campaign
-- A campaign as its cells need it.
SELECT c.id, c.name, c.state, c.epoch, c.settings_version, s.settings
FROM campaign c
JOIN campaign_settings s ON s.campaign_id = c.id AND s.version = c.settings_version
WHERE c.id = %(campaign)s

-- name: trunks
-- All trunks with what the line needs to use them.
SELECT name, host, port, username, password, register, max_channels, max_cps, options_interval_s,
       enabled
FROM trunk ORDER BY id

-- name: cells
-- The cells that live, in an order that all of them see alike.
SELECT id FROM cell
WHERE gone_at IS NULL
  AND seen_at BETWEEN clock_timestamp() - %(silent_for)s::interval
                  AND clock_timestamp() + %(silent_for)s::interval
ORDER BY id

-- name: sound
-- A recording's sound in both codecs.
SELECT sha256, pcmu, pcma FROM recording WHERE name = %(name)s

-- name: trunk_health
-- How this cell sees a trunk.
INSERT INTO trunk_health AS h (trunk_id, cell_id, reachable, registered, detail, at, since)
SELECT id, %(cell)s, %(reachable)s, %(registered)s, %(detail)s, clock_timestamp(),
       clock_timestamp()
FROM trunk WHERE name = %(trunk)s
ON CONFLICT (trunk_id, cell_id) DO UPDATE
SET reachable = excluded.reachable, registered = excluded.registered, detail = excluded.detail,
    at = excluded.at,
    since = CASE WHEN h.reachable = excluded.reachable THEN h.since ELSE excluded.since END
