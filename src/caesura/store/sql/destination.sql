-- Where the agents of a paused campaign work meanwhile.

-- name: may_serve
-- The campaign's name, whether it is over, and its settings.
SELECT c.name, c.state IN ('terminating', 'terminated', 'completed') AS over, s.settings
FROM campaign c JOIN campaign_settings s ON s.campaign_id = c.id AND s.version = c.settings_version
WHERE c.id = %(destination)s

-- name: put
-- Until it is resumed or terminated.
UPDATE campaign SET agents_go_to = %(destination)s WHERE id = %(campaign)s

-- name: tell
-- The cells of its agents read anew where those may work.
SELECT pg_notify('agent', agent_id::text) FROM assignment WHERE campaign_id = %(campaign)s
