-- How a pause ends: by itself, by one person, by two; and what a campaign does after it.

ALTER TABLE campaign
    ADD COLUMN resumed_at timestamptz,     -- pacing ramps up from here; NULL: never resumed
    -- With resume_at, what a pause that ends by itself waits for (caesura.rules.resumption); all of
    -- them, and resume_at as well. Empty and no resume_at: until somebody resumes.
    ADD COLUMN resume_when jsonb NOT NULL DEFAULT '[]'
        CHECK (resume_when = '[]' OR state IN ('pausing', 'paused')),
    ADD COLUMN resume_set_by text,         -- who last said how the pause ends; NULL: as it began
    ADD COLUMN resume_set_at timestamptz,
    -- The standing pause is an emergency stop: by whom, since when; NULL: it is none.
    ADD COLUMN stopped_by text CHECK (stopped_by IS NULL OR state IN ('pausing', 'paused')),
    ADD COLUMN stopped_at timestamptz,
    ADD COLUMN two_to_release boolean NOT NULL DEFAULT false,
    -- An emergency stop that two persons release never ends by itself.
    ADD CHECK (NOT two_to_release OR (resume_at IS NULL AND resume_when = '[]'));

ALTER TABLE receipt
    ADD COLUMN emergency boolean NOT NULL DEFAULT false,      -- part of a "pause everything"
    ADD COLUMN resume_at timestamptz,                         -- as it was asked for
    ADD COLUMN resume_when jsonb NOT NULL DEFAULT '[]';

-- ---------------------------------------------------------------- two persons

-- Somebody asks to release an emergency stop; another person approves. One row for each asking,
-- kept whatever becomes of it.
CREATE TABLE release_request (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    campaign_id  bigint NOT NULL REFERENCES campaign ON DELETE CASCADE,
    epoch        bigint NOT NULL,          -- of the pause; another epoch makes the request void
    asked_by     text NOT NULL,
    asked_at     timestamptz NOT NULL DEFAULT clock_timestamp(),
    reason       text,
    expires_at   timestamptz NOT NULL,
    decided_by   text,
    decided_at   timestamptz,
    decision     text CHECK (decision IN ('approved', 'withdrawn', 'expired')),
    CHECK ((decided_at IS NULL) = (decision IS NULL)),
    -- Nobody approves what they asked for.
    CHECK (decision IS DISTINCT FROM 'approved'
           OR (decided_by IS NOT NULL AND lower(decided_by) <> lower(asked_by)))
);
CREATE UNIQUE INDEX release_request_one_open ON release_request (campaign_id, epoch)
    WHERE decided_at IS NULL;
CREATE INDEX release_request_by_campaign ON release_request (campaign_id, id DESC);

-- No client can resume an emergency stop for which nobody else's approval is written down, nor
-- take back that it needs one.
CREATE FUNCTION release_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.state = 'running' AND NOT EXISTS (
            SELECT 1 FROM release_request WHERE campaign_id = OLD.id AND epoch = OLD.epoch
            AND decision = 'approved') THEN
        RAISE EXCEPTION 'campaign %: an emergency stop is released by two persons', OLD.id
            USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.state IN ('pausing', 'paused') AND NOT NEW.two_to_release THEN
        RAISE EXCEPTION 'campaign %: it stays so that two persons release it', OLD.id
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER release_guard BEFORE UPDATE ON campaign FOR EACH ROW
    WHEN (OLD.two_to_release) EXECUTE FUNCTION release_guard();

-- ---------------------------------------------------------------- conditions

-- Since when this cell has seen the trunk as it sees it now.
ALTER TABLE trunk_health ADD COLUMN since timestamptz NOT NULL DEFAULT now();
UPDATE trunk_health SET since = at;

-- ---------------------------------------------------------------- clocks

-- A lead that was put off (its number's cap is reached, its hours are closed) waits for a moment of
-- everybody's clock, not of the campaign's: a pause does not move it. Its due_at is that moment.
ALTER TABLE lead ADD COLUMN put_off boolean NOT NULL DEFAULT false;
DROP INDEX lead_waiting;
CREATE INDEX lead_waiting ON lead (campaign_id, put_off, due_at) WHERE state = 'waiting';
