-- Since when a cell cannot send through a provider, for the rule that pauses then. What is up for a
-- few seconds only, as where every message's login is refused, counts as down all the time: so
-- `down_since` stays when it comes up, until it has been up for long enough (provider.sql).
ALTER TABLE provider_health
    ADD COLUMN down_since timestamptz,
    ADD COLUMN up_since timestamptz;           -- NULL: it is down
UPDATE provider_health SET down_since = now() WHERE NOT (reachable AND bound IS NOT FALSE);
UPDATE provider_health SET up_since = now() WHERE reachable AND bound IS NOT FALSE;
ALTER TABLE provider_health ADD CHECK (up_since IS NOT NULL OR down_since IS NOT NULL);
ALTER TABLE provider ADD COLUMN disabled_since timestamptz;
UPDATE provider SET disabled_since = now() WHERE NOT enabled;

-- Messages that follow on a call or a reply are no calls: the rules and charts that count how a
-- campaign's attempts ended do without them. What is counted of them already is taken out.
INSERT INTO outcome_minute AS o (campaign_id, minute, outcome, shard, n)
SELECT campaign_id, date_trunc('minute', ended_at), outcome, 0, -count(*)
FROM attempt WHERE follow_up_id IS NOT NULL AND state = 'ended' GROUP BY 1, 2, 3
ON CONFLICT (campaign_id, minute, outcome, shard) DO UPDATE SET n = o.n + excluded.n;
