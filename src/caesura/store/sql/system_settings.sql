-- What is set for the whole system: every version, the highest one counts.

-- name: read
SELECT version, settings, changed_by, changed_at FROM system_settings
ORDER BY version DESC LIMIT 1;

-- name: versions
SELECT version, settings, changed_by, changed_at FROM system_settings
WHERE %(before)s::int IS NULL OR version < %(before)s
ORDER BY version DESC LIMIT %(limit)s;

-- name: lock
LOCK TABLE system_settings IN SHARE ROW EXCLUSIVE MODE;

-- name: insert
INSERT INTO system_settings (version, settings, changed_by)
VALUES (%(version)s, %(settings)s, %(actor)s);
