-- The caller IDs that calls show.

-- name: insert
INSERT INTO calling_number (number, trunk_id, label)
VALUES (%(number)s, %(trunk_id)s, %(label)s)
ON CONFLICT (number) DO NOTHING
RETURNING number;

-- name: page
SELECT n.number, t.name AS trunk, n.label, n.created_at
FROM calling_number n LEFT JOIN trunk t ON t.id = n.trunk_id
WHERE (%(number)s::text IS NULL OR n.number = %(number)s)
  AND (%(after)s::text IS NULL OR n.number > %(after)s)
ORDER BY n.number
LIMIT %(limit)s;

-- name: find_trunk
SELECT id FROM trunk WHERE name = %(name)s;

-- name: update
UPDATE calling_number SET trunk_id = %(trunk_id)s, label = %(label)s WHERE number = %(number)s;

-- name: delete
DELETE FROM calling_number WHERE number = %(number)s RETURNING number;

-- name: notify
SELECT pg_notify('calling_number', %(number)s);
