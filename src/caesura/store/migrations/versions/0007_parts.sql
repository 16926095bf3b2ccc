-- A part of a campaign (a list, a state, a zone, a calling number, a trunk, the channel) can be
-- paused by itself, under the same protocol: docs/promise.md.

-- The standing pause of one part, and those that are over.
CREATE TABLE campaign_hold (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    campaign_id  bigint NOT NULL REFERENCES campaign ON DELETE CASCADE,
    scope        text NOT NULL CHECK (scope IN
        ('list', 'region', 'zone', 'calling_number', 'trunk', 'channel')),
    value        text NOT NULL CHECK (value <> ''),
    list_id      bigint REFERENCES contact_list ON DELETE SET NULL,
    drain        text NOT NULL,
    receipt_id   bigint NOT NULL REFERENCES receipt,
    epoch        bigint NOT NULL,          -- that began with it
    actor        text NOT NULL,
    reason       text,
    since        timestamptz NOT NULL DEFAULT clock_timestamp(),
    until        timestamptz,              -- it ends by itself then
    released_at  timestamptz,
    released_by  text,
    release_reason text,
    emptied      boolean NOT NULL DEFAULT false,  -- released, and none of its leads is left held
    CHECK ((released_at IS NULL) = (released_by IS NULL)),
    CHECK (released_at IS NOT NULL OR NOT emptied),
    -- A list that a campaign has is never deleted, so a standing hold always knows its own.
    CHECK (scope <> 'list' OR list_id IS NOT NULL OR released_at IS NOT NULL)
);
-- A part is paused once: repeating it gives the standing one.
CREATE UNIQUE INDEX campaign_hold_once ON campaign_hold (campaign_id, scope, value)
    WHERE released_at IS NULL;
CREATE INDEX campaign_hold_timed ON campaign_hold (until)
    WHERE released_at IS NULL AND until IS NOT NULL;
CREATE INDEX campaign_hold_emptying ON campaign_hold (id) WHERE released_at IS NOT NULL AND NOT emptied;

-- Which reading of the holds is the newer one; raised by whatever changes them.
ALTER TABLE campaign ADD COLUMN holds_version bigint NOT NULL DEFAULT 0;

-- The epoch moves with the state, or with a hold that begins in the new epoch.
CREATE OR REPLACE FUNCTION campaign_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.state IS DISTINCT FROM OLD.state THEN
        IF NOT EXISTS (SELECT 1 FROM lifecycle
                       WHERE from_state = OLD.state AND to_state = NEW.state) THEN
            RAISE EXCEPTION 'campaign %: % -> % is not in the lifecycle', OLD.id, OLD.state, NEW.state
                USING ERRCODE = 'check_violation';
        END IF;
        IF NEW.epoch <> OLD.epoch + 1 THEN
            RAISE EXCEPTION 'campaign %: a lifecycle change raises the epoch by one', OLD.id
                USING ERRCODE = 'check_violation';
        END IF;
        NEW.state_since := clock_timestamp();
    ELSIF NEW.epoch <> OLD.epoch THEN
        IF NEW.epoch <> OLD.epoch + 1 OR NOT EXISTS (
            SELECT 1 FROM campaign_hold WHERE campaign_id = OLD.id AND epoch = NEW.epoch
            AND released_at IS NULL) THEN
            RAISE EXCEPTION 'campaign %: the epoch moves only with the state, or by one with a hold',
                OLD.id USING ERRCODE = 'check_violation';
        END IF;
    END IF;
    RETURN NEW;
END $$;

-- A receipt of a part says which; sealed with the rest.
ALTER TABLE receipt
    ADD COLUMN parts jsonb,                -- [{"scope", "value"}, ...]; NULL: the whole campaign
    DROP CONSTRAINT receipt_kind_check,
    ADD CONSTRAINT receipt_kind_check CHECK (kind IN ('pause', 'terminate', 'part')),
    ADD CONSTRAINT receipt_parts_check CHECK ((kind = 'part') = (parts IS NOT NULL));
-- Whoever looks after what nobody awaits asks for these four times a second.
CREATE INDEX receipt_unconfirmed ON receipt (campaign_id, epoch) WHERE confirmed_at IS NULL;

-- Where the customer list states a contact's state or province (ISO 3166-2), it goes before what
-- the number says.
ALTER TABLE contact ADD COLUMN region text;

-- A lead that was due and that a hold of its list or region keeps.
ALTER TABLE lead
    ADD COLUMN held_by bigint,             -- the hold (campaign_hold.id)
    DROP CONSTRAINT lead_state_check,
    ADD CONSTRAINT lead_state_check CHECK (state IN
        ('due', 'waiting', 'claimed', 'in_progress', 'done', 'excluded', 'held')),
    ADD CONSTRAINT lead_held_by_check CHECK ((state = 'held') = (held_by IS NOT NULL));
CREATE INDEX lead_of_hold ON lead (held_by) WHERE held_by IS NOT NULL;
