-- How the standing pause of a campaign ends.

-- name: put
-- The terms of the standing pause, and who set them.
UPDATE campaign SET resume_at = %(resume_at)s, resume_when = %(resume_when)s,
    resume_set_by = %(actor)s, resume_set_at = clock_timestamp()
WHERE id = %(campaign)s

-- name: due
-- The paused campaigns that may have to resume by themselves now.
SELECT c.id, c.epoch, c.resume_at, c.resume_when, s.settings,
       coalesce((SELECT requested_at FROM receipt WHERE campaign_id = c.id AND kind = 'pause'
                 ORDER BY epoch DESC LIMIT 1), c.state_since) AS paused_at,
       ARRAY(SELECT zone FROM lead_tally
             WHERE campaign_id = c.id AND state IN ('due', 'waiting', 'claimed', 'in_progress')
             GROUP BY zone HAVING sum(n) > 0) AS zones,
       (SELECT settings ->> 'time_zone' FROM system_settings ORDER BY version DESC LIMIT 1) AS zone
FROM campaign c
JOIN campaign_settings s ON s.campaign_id = c.id AND s.version = c.settings_version
WHERE c.state = 'paused' AND (c.resume_at IS NOT NULL OR c.resume_when <> '[]')
  AND (c.resume_at IS NULL OR c.resume_at <= clock_timestamp())

-- name: pending
-- As `due`, of one campaign, whether its time has come or not.
SELECT c.id, c.epoch, c.resume_at, c.resume_when, s.settings,
       coalesce((SELECT requested_at FROM receipt WHERE campaign_id = c.id AND kind = 'pause'
                 ORDER BY epoch DESC LIMIT 1), c.state_since) AS paused_at,
       ARRAY(SELECT zone FROM lead_tally
             WHERE campaign_id = c.id AND state IN ('due', 'waiting', 'claimed', 'in_progress')
             GROUP BY zone HAVING sum(n) > 0) AS zones,
       (SELECT settings ->> 'time_zone' FROM system_settings ORDER BY version DESC LIMIT 1) AS zone
FROM campaign c
JOIN campaign_settings s ON s.campaign_id = c.id AND s.version = c.settings_version
WHERE c.id = %(campaign)s AND c.state IN ('pausing', 'paused')
  AND (c.resume_at IS NOT NULL OR c.resume_when <> '[]')

-- name: trunks
-- The enabled trunks of these names, and since when a living cell has seen each reachable.
SELECT t.name,
       (SELECT min(h.since) FROM trunk_health h JOIN cell c ON c.id = h.cell_id
        WHERE h.trunk_id = t.id AND h.reachable AND c.gone_at IS NULL
          AND c.seen_at BETWEEN clock_timestamp() - %(silent_for)s::interval
                            AND clock_timestamp() + %(silent_for)s::interval) AS reachable_since
FROM trunk t WHERE t.enabled AND t.name = ANY(%(names)s)
ORDER BY array_position(%(names)s::text[], t.name)
