-- Why a rule paused (rules/pause_rule.py: Evidence); null: somebody decided it. Part of what is
-- sealed, as every column is (0004).
ALTER TABLE receipt ADD COLUMN evidence jsonb;

-- The cells ask the rules in turns, so that it is done once a second however many there are.
CREATE TABLE pause_rule_turn (
    one     boolean PRIMARY KEY DEFAULT true CHECK (one),
    turn    bigint NOT NULL DEFAULT 0,
    at      timestamptz NOT NULL DEFAULT '-infinity'
);
INSERT INTO pause_rule_turn DEFAULT VALUES;

-- What calls that are over have cost, in the campaign's currency, each at the price of the moment of
-- its end; by the minute and in all, as the other figures are (0003, 0010).
ALTER TABLE campaign_minute ADD COLUMN cost numeric NOT NULL DEFAULT 0;
ALTER TABLE campaign_total ADD COLUMN cost numeric NOT NULL DEFAULT 0;

CREATE OR REPLACE FUNCTION campaign_total_insert() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO campaign_total AS t
        (campaign_id, shard, launched, received, answered, talks_ended, talk_ms,
         sent, delivered, undelivered, replies, opt_outs, cost)
    SELECT campaign_id, pg_backend_pid() % 1024, sum(launched), sum(received), sum(answered),
           sum(talks_ended), sum(talk_ms),
           sum(sent), sum(delivered), sum(undelivered), sum(replies), sum(opt_outs), sum(cost)
    FROM added GROUP BY campaign_id ORDER BY campaign_id
    ON CONFLICT (campaign_id, shard) DO UPDATE
    SET launched = t.launched + excluded.launched, received = t.received + excluded.received,
        answered = t.answered + excluded.answered,
        talks_ended = t.talks_ended + excluded.talks_ended, talk_ms = t.talk_ms + excluded.talk_ms,
        sent = t.sent + excluded.sent, delivered = t.delivered + excluded.delivered,
        undelivered = t.undelivered + excluded.undelivered,
        replies = t.replies + excluded.replies, opt_outs = t.opt_outs + excluded.opt_outs,
        cost = t.cost + excluded.cost;
    RETURN NULL;
END $$;
CREATE OR REPLACE FUNCTION campaign_total_update() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO campaign_total AS t
        (campaign_id, shard, launched, received, answered, talks_ended, talk_ms,
         sent, delivered, undelivered, replies, opt_outs, cost)
    SELECT campaign_id, pg_backend_pid() % 1024, sum(launched), sum(received), sum(answered),
           sum(talks_ended), sum(talk_ms),
           sum(sent), sum(delivered), sum(undelivered), sum(replies), sum(opt_outs), sum(cost)
    FROM (SELECT campaign_id, launched, received, answered, talks_ended, talk_ms,
                 sent, delivered, undelivered, replies, opt_outs, cost FROM added
          UNION ALL
          SELECT campaign_id, -launched, -received, -answered, -talks_ended, -talk_ms,
                 -sent, -delivered, -undelivered, -replies, -opt_outs, -cost
          FROM removed) AS change
    GROUP BY campaign_id ORDER BY campaign_id
    ON CONFLICT (campaign_id, shard) DO UPDATE
    SET launched = t.launched + excluded.launched, received = t.received + excluded.received,
        answered = t.answered + excluded.answered,
        talks_ended = t.talks_ended + excluded.talks_ended, talk_ms = t.talk_ms + excluded.talk_ms,
        sent = t.sent + excluded.sent, delivered = t.delivered + excluded.delivered,
        undelivered = t.undelivered + excluded.undelivered,
        replies = t.replies + excluded.replies, opt_outs = t.opt_outs + excluded.opt_outs,
        cost = t.cost + excluded.cost;
    RETURN NULL;
END $$;

-- What campaigns with a budget for each day had used up when a day began, added up once: so that
-- what they have used up today is a difference, and no sum over a day of minutes.
CREATE TABLE campaign_day (
    campaign_id  bigint NOT NULL REFERENCES campaign ON DELETE CASCADE,
    midnight     timestamptz NOT NULL,
    launched     bigint NOT NULL,
    cost         numeric NOT NULL,
    PRIMARY KEY (campaign_id, midnight)
);

-- Thirty days of abandoned calls are asked for every few seconds, and are few. Without `n`, so
-- that counting into a minute changes no index.
CREATE INDEX outcome_minute_abandoned ON outcome_minute (campaign_id, minute)
    WHERE outcome = 'abandoned';
