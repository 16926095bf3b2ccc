-- What each campaign did in all. The list of campaigns and the live stream ask for it many times a
-- second, and adding up the minutes of a campaign that has run for weeks takes too long. Kept by
-- triggers, so that it always is the sum of campaign_minute; spread over shards, as lead_tally.
CREATE TABLE campaign_total (
    campaign_id  bigint NOT NULL REFERENCES campaign ON DELETE CASCADE,
    shard        int NOT NULL,
    launched     bigint NOT NULL DEFAULT 0,
    received     bigint NOT NULL DEFAULT 0,
    answered     bigint NOT NULL DEFAULT 0,
    talks_ended  bigint NOT NULL DEFAULT 0,
    talk_ms      bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (campaign_id, shard)
) WITH (fillfactor = 50);

INSERT INTO campaign_total (campaign_id, shard, launched, received, answered, talks_ended, talk_ms)
SELECT campaign_id, 0, sum(launched), sum(received), sum(answered), sum(talks_ended), sum(talk_ms)
FROM campaign_minute GROUP BY campaign_id;

CREATE FUNCTION campaign_total_insert() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO campaign_total AS t
        (campaign_id, shard, launched, received, answered, talks_ended, talk_ms)
    SELECT campaign_id, pg_backend_pid() % 1024, sum(launched), sum(received), sum(answered),
           sum(talks_ended), sum(talk_ms)
    FROM added GROUP BY campaign_id ORDER BY campaign_id
    ON CONFLICT (campaign_id, shard) DO UPDATE
    SET launched = t.launched + excluded.launched, received = t.received + excluded.received,
        answered = t.answered + excluded.answered,
        talks_ended = t.talks_ended + excluded.talks_ended, talk_ms = t.talk_ms + excluded.talk_ms;
    RETURN NULL;
END $$;
CREATE FUNCTION campaign_total_update() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO campaign_total AS t
        (campaign_id, shard, launched, received, answered, talks_ended, talk_ms)
    SELECT campaign_id, pg_backend_pid() % 1024, sum(launched), sum(received), sum(answered),
           sum(talks_ended), sum(talk_ms)
    FROM (SELECT campaign_id, launched, received, answered, talks_ended, talk_ms FROM added
          UNION ALL
          SELECT campaign_id, -launched, -received, -answered, -talks_ended, -talk_ms
          FROM removed) AS change
    GROUP BY campaign_id ORDER BY campaign_id
    ON CONFLICT (campaign_id, shard) DO UPDATE
    SET launched = t.launched + excluded.launched, received = t.received + excluded.received,
        answered = t.answered + excluded.answered,
        talks_ended = t.talks_ended + excluded.talks_ended, talk_ms = t.talk_ms + excluded.talk_ms;
    RETURN NULL;
END $$;
-- None for DELETE: minutes that are dropped for their age have happened all the same.
CREATE TRIGGER campaign_total_insert AFTER INSERT ON campaign_minute
    REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION campaign_total_insert();
CREATE TRIGGER campaign_total_update AFTER UPDATE ON campaign_minute
    REFERENCING OLD TABLE AS removed NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION campaign_total_update();
