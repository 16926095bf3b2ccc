-- Numbers that must not be called, by any campaign or by one.

-- name: insert
INSERT INTO do_not_call (phone, campaign_id, channel, source, added_by)
SELECT DISTINCT phone, %(campaign_id)s::bigint, %(channel)s::text, %(source)s, %(actor)s
FROM unnest(%(phones)s::text[]) AS phone
ON CONFLICT DO NOTHING;

-- name: delete
DELETE FROM do_not_call
WHERE phone = %(phone)s AND campaign_id IS NOT DISTINCT FROM %(campaign_id)s::bigint
  AND (%(channel)s::text IS NULL OR coalesce(channel, 'all') = %(channel)s)
RETURNING id;

-- name: delete_reply
DELETE FROM do_not_call WHERE phone = %(phone)s AND source = 'reply';

-- name: page
SELECT d.id, d.phone, c.name AS campaign, d.channel, d.source, d.added_by, d.added_at
FROM do_not_call d LEFT JOIN campaign c ON c.id = d.campaign_id
WHERE (%(before)s::bigint IS NULL OR d.id < %(before)s)
  AND (%(campaign_id)s::bigint IS NULL OR d.campaign_id = %(campaign_id)s)
  AND (%(phone)s::text IS NULL OR d.phone ^@ %(phone)s)
ORDER BY d.id DESC
LIMIT %(limit)s;

-- name: entries
-- Every entry of one number: the global one and those of campaigns.
SELECT d.id, d.phone, c.name AS campaign, d.channel, d.source, d.added_by, d.added_at
FROM do_not_call d LEFT JOIN campaign c ON c.id = d.campaign_id
WHERE d.phone = %(phone)s
ORDER BY d.campaign_id NULLS FIRST;

-- name: notify
SELECT pg_notify('do_not_call', %(payload)s);
