-- Receipts as they were sealed, and the figure that is published of them.

-- name: seals
-- The chain from a seal on.
SELECT sequence, receipt_id, part, content, previous, digest FROM receipt_seal
WHERE sequence > %(after)s ORDER BY sequence LIMIT %(limit)s;

-- name: says
-- What the sealed parts of these seals say now; null where the receipt is gone.
SELECT s.sequence, CASE WHEN r.id IS NOT NULL THEN receipt_says(r, s.part) END AS now
FROM receipt_seal s LEFT JOIN receipt r ON r.id = s.receipt_id
WHERE s.sequence = ANY(%(sequences)s);

-- name: unsealed
-- What is confirmed or completed and has no seal: somebody went around the triggers.
SELECT r.id, p.part FROM receipt r
JOIN (VALUES ('silence'), ('completion')) AS p (part)
  ON CASE p.part WHEN 'silence' THEN r.confirmed_at ELSE r.completed_at END IS NOT NULL
WHERE NOT EXISTS (SELECT 1 FROM receipt_seal s WHERE s.receipt_id = r.id AND s.part = p.part)
ORDER BY r.id, p.part DESC;

-- name: head
-- Where the chain ends.
SELECT sequence, digest FROM receipt_chain;

-- name: last_pauses
-- The newest confirmed pauses.
SELECT requested_at, last_launch_at, confirmed_at, confirmed_by FROM receipt
WHERE kind = 'pause' AND confirmed_at IS NOT NULL
ORDER BY confirmed_at DESC LIMIT %(limit)s;
