-- Messages: an attempt is one call or one message. What is said of a message before its provider
-- has answered stands in the columns that calls use: calling_number is its sender, trunk its
-- provider, launched_at when it was handed over, ended_at when the provider answered.

-- ---------------------------------------------------------------- providers

CREATE TABLE provider (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name         text NOT NULL UNIQUE CHECK (name <> ''),
    host         text NOT NULL,
    port         int NOT NULL CHECK (port BETWEEN 1 AND 65535),
    tls          text NOT NULL DEFAULT 'none' CHECK (tls IN ('none', 'tls', 'starttls')),
    tls_verify   boolean NOT NULL DEFAULT true,
    username     text,
    password     text,
    max_per_s    double precision CHECK (max_per_s > 0),  -- segments, all cells
    window_size  int NOT NULL DEFAULT 10 CHECK (window_size > 0),  -- unanswered at once, all cells
    options      jsonb NOT NULL,               -- its kind, and what that kind wants to know
    enabled      boolean NOT NULL DEFAULT true,
    created_at   timestamptz NOT NULL DEFAULT now(),
    CHECK (options ->> 'kind' IN ('smpp', 'http', 'smtp'))
);

-- How each cell sees each provider; gone with the cell.
CREATE TABLE provider_health (
    provider_id  bigint NOT NULL REFERENCES provider ON DELETE CASCADE,
    cell_id      uuid NOT NULL REFERENCES cell ON DELETE CASCADE,
    reachable    boolean NOT NULL,
    bound        boolean,                      -- logged in; NULL where each message asks for it
    throttled    boolean NOT NULL,
    detail       text NOT NULL,
    at           timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (provider_id, cell_id)
);

-- ---------------------------------------------------------------- attempts

ALTER TABLE attempt
    ADD COLUMN text text,                      -- what was sent, as it was sent
    ADD COLUMN subject text,
    ADD COLUMN address text,                   -- where to, if that is not `phone`
    ADD COLUMN segments smallint,
    ADD COLUMN code text,                      -- the provider's own word for a failure
    ADD COLUMN delivery_at timestamptz,        -- delivered, or known not to be
    ADD COLUMN follow_up_id bigint;            -- a message of a voice campaign after a call

-- One open attempt per lead, but for what follows on a call that is over.
DROP INDEX attempt_one_open_per_lead;
CREATE UNIQUE INDEX attempt_one_open_per_lead ON attempt (lead_id)
    WHERE state <> 'ended' AND follow_up_id IS NULL;
-- What follows on a call is sent once.
CREATE UNIQUE INDEX attempt_once_per_follow_up ON attempt (follow_up_id)
    WHERE follow_up_id IS NOT NULL;
-- A reply belongs to the last message that its sender got.
CREATE INDEX attempt_message_by_phone ON attempt (phone, journalled_at) WHERE channel <> 'voice';

-- What providers call a message: one id for each of its segments. A delivery receipt may come
-- before we have stored whose it is; then its row waits here without an attempt.
CREATE TABLE message_part (
    provider     text NOT NULL,
    message_id   text NOT NULL,
    attempt_id   uuid REFERENCES attempt ON DELETE CASCADE,
    state        text CHECK (state IN
        ('sent', 'delivered', 'undelivered', 'expired', 'rejected', 'unknown')),
    at           timestamptz,
    code         text,
    detail       text,
    stored_at    timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (provider, message_id)
);
CREATE INDEX message_part_by_attempt ON message_part (attempt_id);

-- ---------------------------------------------------------------- replies

CREATE TABLE reply (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    provider     text NOT NULL,
    message_id   text NOT NULL,
    sender       text NOT NULL,                -- who wrote
    recipient    text NOT NULL,                -- our number
    text         text NOT NULL,
    at           timestamptz NOT NULL,
    meaning      text NOT NULL CHECK (meaning IN ('stop', 'start', 'help', 'other')),
    campaign_id  bigint REFERENCES campaign ON DELETE CASCADE,  -- NULL: to nothing that we sent
    lead_id      bigint REFERENCES lead ON DELETE CASCADE,
    attempt_id   uuid REFERENCES attempt ON DELETE SET NULL,
    stored_at    timestamptz NOT NULL DEFAULT now(),
    UNIQUE (provider, message_id)              -- one that comes again is the same
);
CREATE INDEX reply_by_lead ON reply (lead_id, at);
CREATE INDEX reply_by_campaign ON reply (campaign_id, id);

-- Someone may want no messages and take calls, or the reverse. NULL: no channel at all.
ALTER TABLE do_not_call ADD COLUMN channel text CHECK (channel IN ('voice', 'sms', 'email'));
DROP INDEX do_not_call_once;
CREATE UNIQUE INDEX do_not_call_once ON do_not_call (phone, campaign_id, channel)
    NULLS NOT DISTINCT;

-- ---------------------------------------------------------------- figures

ALTER TABLE campaign_minute
    ADD COLUMN sent bigint NOT NULL DEFAULT 0,         -- accepted by the provider
    ADD COLUMN delivered bigint NOT NULL DEFAULT 0,
    ADD COLUMN undelivered bigint NOT NULL DEFAULT 0,  -- of the sent: known not to arrive
    ADD COLUMN replies bigint NOT NULL DEFAULT 0,
    ADD COLUMN opt_outs bigint NOT NULL DEFAULT 0;     -- of the replies
ALTER TABLE campaign_total
    ADD COLUMN sent bigint NOT NULL DEFAULT 0,
    ADD COLUMN delivered bigint NOT NULL DEFAULT 0,
    ADD COLUMN undelivered bigint NOT NULL DEFAULT 0,
    ADD COLUMN replies bigint NOT NULL DEFAULT 0,
    ADD COLUMN opt_outs bigint NOT NULL DEFAULT 0;

CREATE OR REPLACE FUNCTION campaign_total_insert() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO campaign_total AS t
        (campaign_id, shard, launched, received, answered, talks_ended, talk_ms,
         sent, delivered, undelivered, replies, opt_outs)
    SELECT campaign_id, pg_backend_pid() % 1024, sum(launched), sum(received), sum(answered),
           sum(talks_ended), sum(talk_ms),
           sum(sent), sum(delivered), sum(undelivered), sum(replies), sum(opt_outs)
    FROM added GROUP BY campaign_id ORDER BY campaign_id
    ON CONFLICT (campaign_id, shard) DO UPDATE
    SET launched = t.launched + excluded.launched, received = t.received + excluded.received,
        answered = t.answered + excluded.answered,
        talks_ended = t.talks_ended + excluded.talks_ended, talk_ms = t.talk_ms + excluded.talk_ms,
        sent = t.sent + excluded.sent, delivered = t.delivered + excluded.delivered,
        undelivered = t.undelivered + excluded.undelivered,
        replies = t.replies + excluded.replies, opt_outs = t.opt_outs + excluded.opt_outs;
    RETURN NULL;
END $$;
CREATE OR REPLACE FUNCTION campaign_total_update() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO campaign_total AS t
        (campaign_id, shard, launched, received, answered, talks_ended, talk_ms,
         sent, delivered, undelivered, replies, opt_outs)
    SELECT campaign_id, pg_backend_pid() % 1024, sum(launched), sum(received), sum(answered),
           sum(talks_ended), sum(talk_ms),
           sum(sent), sum(delivered), sum(undelivered), sum(replies), sum(opt_outs)
    FROM (SELECT campaign_id, launched, received, answered, talks_ended, talk_ms,
                 sent, delivered, undelivered, replies, opt_outs FROM added
          UNION ALL
          SELECT campaign_id, -launched, -received, -answered, -talks_ended, -talk_ms,
                 -sent, -delivered, -undelivered, -replies, -opt_outs
          FROM removed) AS change
    GROUP BY campaign_id ORDER BY campaign_id
    ON CONFLICT (campaign_id, shard) DO UPDATE
    SET launched = t.launched + excluded.launched, received = t.received + excluded.received,
        answered = t.answered + excluded.answered,
        talks_ended = t.talks_ended + excluded.talks_ended, talk_ms = t.talk_ms + excluded.talk_ms,
        sent = t.sent + excluded.sent, delivered = t.delivered + excluded.delivered,
        undelivered = t.undelivered + excluded.undelivered,
        replies = t.replies + excluded.replies, opt_outs = t.opt_outs + excluded.opt_outs;
    RETURN NULL;
END $$;
