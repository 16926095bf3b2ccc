-- The first schema. Each constraint says which invariant of docs/architecture.md it enforces.

-- ---------------------------------------------------------------- who runs

CREATE TABLE cell (
    id          uuid PRIMARY KEY,          -- one start of one dialer process
    node        text NOT NULL,             -- the machine's or instance's name, for people
    started_at  timestamptz NOT NULL DEFAULT now(),
    seen_at     timestamptz NOT NULL DEFAULT now(),
    gone_at     timestamptz                -- stopped, or recovered by another
);

CREATE TABLE api_key (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name        text NOT NULL UNIQUE,      -- who acts with it: the actor of transitions
    digest      bytea NOT NULL UNIQUE,     -- SHA-256 of the 256-bit random key
    created_at  timestamptz NOT NULL DEFAULT now(),
    revoked_at  timestamptz
);

CREATE TABLE idempotency_key (
    key         text NOT NULL,
    actor       text NOT NULL,
    request     bytea NOT NULL,            -- SHA-256 of method, path and body
    status      int NOT NULL,
    response    jsonb NOT NULL,
    created_at  timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (actor, key)
);

-- ---------------------------------------------------------------- contact_list

CREATE TABLE contact_list (
    id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name            text NOT NULL UNIQUE,
    default_region  text,                  -- ISO 3166-1 alpha-2, for numbers without a country code
    state           text NOT NULL CHECK (state IN ('importing', 'ready')),
    contacts        bigint NOT NULL DEFAULT 0,
    created_by      text NOT NULL,
    created_at      timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE contact (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    list_id     bigint NOT NULL REFERENCES contact_list ON DELETE CASCADE,
    line        bigint NOT NULL,           -- of the imported file, 1 is the header
    phones      text[] NOT NULL CHECK (cardinality(phones) BETWEEN 1 AND 10),   -- E.164
    zones       text[] NOT NULL,           -- one per phone: IANA zone, or several joined by '|'
    priority    smallint NOT NULL DEFAULT 5 CHECK (priority BETWEEN 1 AND 9),   -- 9 first
    attributes  jsonb NOT NULL DEFAULT '{}',
    CHECK (cardinality(zones) = cardinality(phones))
);
-- One contact per primary number in a list: importing a file twice adds nothing.
CREATE UNIQUE INDEX contact_once_per_list ON contact (list_id, (phones[1]));
CREATE INDEX contact_by_phone ON contact ((phones[1]));

CREATE TABLE import (
    id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    list_id         bigint REFERENCES contact_list ON DELETE SET NULL,  -- NULL: the list is gone
    list_name       text NOT NULL,         -- as it was named at the import
    filename        text NOT NULL,
    state           text NOT NULL CHECK (state IN ('running', 'done', 'failed')),
    rows_total      bigint,                -- NULL until known
    rows_read       bigint NOT NULL DEFAULT 0,
    imported        bigint NOT NULL DEFAULT 0,
    duplicates      bigint NOT NULL DEFAULT 0,
    rejected        bigint NOT NULL DEFAULT 0,
    error           text,
    options         jsonb NOT NULL DEFAULT '{}',
    started_by      text NOT NULL,
    started_at      timestamptz NOT NULL DEFAULT now(),
    ended_at        timestamptz
);
-- Two imports into one list at once would wait for each other's rows; the second is refused.
CREATE UNIQUE INDEX import_one_running_per_list ON import (list_id) WHERE state = 'running';

CREATE TABLE import_rejection (
    import_id   bigint NOT NULL REFERENCES import ON DELETE CASCADE,
    line        bigint NOT NULL,
    column_name text,
    value       text,
    reason      text NOT NULL
);
CREATE INDEX import_rejection_by_import ON import_rejection (import_id, line);

-- ---------------------------------------------------------------- voice

CREATE TABLE trunk (
    id                  bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name                text NOT NULL UNIQUE,
    host                text NOT NULL,
    port                int NOT NULL CHECK (port BETWEEN 1 AND 65535),
    username            text,
    password            text,
    register            boolean NOT NULL DEFAULT false,
    max_channels        int CHECK (max_channels > 0),
    max_cps             double precision CHECK (max_cps > 0),
    options_interval_s  double precision NOT NULL DEFAULT 30 CHECK (options_interval_s >= 0),
    enabled             boolean NOT NULL DEFAULT true,
    created_at          timestamptz NOT NULL DEFAULT now()
);

-- How each cell sees each trunk; gone with the cell.
CREATE TABLE trunk_health (
    trunk_id    bigint NOT NULL REFERENCES trunk ON DELETE CASCADE,
    cell_id     uuid NOT NULL REFERENCES cell ON DELETE CASCADE,
    reachable   boolean NOT NULL,
    registered  boolean,
    detail      text NOT NULL,
    at          timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (trunk_id, cell_id)
);

CREATE TABLE calling_number (
    number      text PRIMARY KEY CHECK (number ~ '^\+[1-9][0-9]{5,14}$'),
    trunk_id    bigint REFERENCES trunk ON DELETE SET NULL,   -- NULL: any trunk may show it
    label       text,
    created_at  timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE recording (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name        text NOT NULL UNIQUE,
    sha256      text NOT NULL,             -- of the uploaded file
    duration_ms int NOT NULL CHECK (duration_ms > 0),
    pcmu        bytea NOT NULL,            -- G.711 mu-law, 8 kHz, raw
    pcma        bytea NOT NULL,            -- G.711 A-law, 8 kHz, raw
    created_by  text NOT NULL,
    created_at  timestamptz NOT NULL DEFAULT now()
);

-- ---------------------------------------------------------------- campaign

CREATE TABLE campaign (
    id                bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name              text NOT NULL UNIQUE CHECK (name <> ''),
    state             text NOT NULL DEFAULT 'draft' CHECK (state IN
        ('draft', 'running', 'pausing', 'paused', 'terminating', 'terminated', 'completed')),
    state_since       timestamptz NOT NULL DEFAULT now(),
    epoch             bigint NOT NULL DEFAULT 1,  -- raised by every lifecycle change
    settings_version  int NOT NULL DEFAULT 1,
    resume_at         timestamptz,                -- a timed pause resumes by itself then
    -- How long the campaign's retry clock has stood still (settings: clocks = freeze). A lead's
    -- due_at is on that clock: it is due at due_at + clock_offset. So a resume moves no lead.
    clock_offset      interval NOT NULL DEFAULT '0',
    created_by        text NOT NULL,
    created_at        timestamptz NOT NULL DEFAULT now(),
    CHECK (resume_at IS NULL OR state IN ('pausing', 'paused'))
);

-- Every version of a campaign's settings; a change is a new row, never an update.
CREATE TABLE campaign_settings (
    campaign_id  bigint NOT NULL REFERENCES campaign ON DELETE CASCADE,
    version      int NOT NULL,
    settings     jsonb NOT NULL,
    digest       text NOT NULL,
    changed_by   text NOT NULL,
    changed_at   timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (campaign_id, version)
);

CREATE TABLE campaign_list (
    campaign_id  bigint NOT NULL REFERENCES campaign ON DELETE CASCADE,
    list_id      bigint NOT NULL REFERENCES contact_list ON DELETE RESTRICT,
    PRIMARY KEY (campaign_id, list_id)
);

-- The lifecycle is a table here too, so that no client can write an illegal change of state.
CREATE TABLE lifecycle (from_state text, to_state text, PRIMARY KEY (from_state, to_state));
INSERT INTO lifecycle VALUES
    ('draft', 'running'), ('draft', 'terminated'),
    ('running', 'pausing'), ('running', 'terminating'), ('running', 'completed'),
    ('pausing', 'paused'), ('pausing', 'terminating'),
    ('paused', 'running'), ('paused', 'terminated'),
    ('terminating', 'terminated');

CREATE FUNCTION campaign_guard() RETURNS trigger LANGUAGE plpgsql AS $$
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
        RAISE EXCEPTION 'campaign %: the epoch moves only with the state', OLD.id
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER campaign_guard BEFORE UPDATE ON campaign
    FOR EACH ROW EXECUTE FUNCTION campaign_guard();

-- A cell's right to start attempts of a campaign. Renewal and revocation meet on this row.
CREATE TABLE lease (
    campaign_id  bigint NOT NULL REFERENCES campaign ON DELETE CASCADE,
    cell_id      uuid NOT NULL REFERENCES cell ON DELETE CASCADE,
    epoch        bigint NOT NULL,
    revoked      boolean NOT NULL DEFAULT false,
    acquired_at  timestamptz NOT NULL DEFAULT now(),
    renewed_at   timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (campaign_id, cell_id)
);
CREATE INDEX lease_by_cell ON lease (cell_id);

-- The record of one pause or termination, and what was found out since (append-only but for the
-- columns that are filled once).
CREATE TABLE receipt (
    id                      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    campaign_id             bigint NOT NULL REFERENCES campaign ON DELETE CASCADE,
    kind                    text NOT NULL CHECK (kind IN ('pause', 'terminate')),
    epoch                   bigint NOT NULL,
    actor                   text NOT NULL,
    reason                  text,
    drain                   text NOT NULL,
    requested_at            timestamptz NOT NULL DEFAULT clock_timestamp(),
    confirmed_at            timestamptz,
    confirmed_by            text CHECK (confirmed_by IN ('acknowledgement', 'expiry')),
    completed_at            timestamptz,      -- the last call of the campaign has ended
    last_launch_at          timestamptz,      -- last INVITE of the campaign before silence
    ringing_at_request      int NOT NULL DEFAULT 0,
    talking_at_request      int NOT NULL DEFAULT 0,
    cancelled               int NOT NULL DEFAULT 0,
    conversations_left      int NOT NULL DEFAULT 0,
    leads_returned          int NOT NULL DEFAULT 0,   -- claimed or journalled, never on the wire
    settings_digest_before  text NOT NULL,
    settings_digest_after   text,
    UNIQUE (campaign_id, epoch)
);

-- What each cell that held a lease answered, or that its lease ran out.
CREATE TABLE receipt_cell (
    receipt_id          bigint NOT NULL REFERENCES receipt ON DELETE CASCADE,
    cell_id             uuid NOT NULL,
    node                text NOT NULL,
    confirmed_by        text CHECK (confirmed_by IN ('acknowledgement', 'expiry')),
    acknowledged_at     timestamptz,
    last_launch_at      timestamptz,
    ringing             int NOT NULL DEFAULT 0,
    conversations_left  int NOT NULL DEFAULT 0,
    leads_returned      int NOT NULL DEFAULT 0,
    PRIMARY KEY (receipt_id, cell_id)
);

-- The lifecycle history: one row for each transition.
CREATE TABLE transition (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    campaign_id  bigint NOT NULL REFERENCES campaign ON DELETE CASCADE,
    from_state   text NOT NULL,
    to_state     text NOT NULL,
    epoch        bigint NOT NULL,             -- after the transition
    actor        text NOT NULL,
    reason       text,
    at           timestamptz NOT NULL DEFAULT clock_timestamp(),
    receipt_id   bigint REFERENCES receipt,
    UNIQUE (campaign_id, epoch)
);

-- ---------------------------------------------------------------- claim

CREATE TABLE do_not_call (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    phone        text NOT NULL CHECK (phone ~ '^\+[1-9][0-9]{3,14}$'),
    campaign_id  bigint REFERENCES campaign ON DELETE CASCADE,   -- NULL: every campaign
    source       text NOT NULL,               -- "api", "key press", "import", ...
    added_by     text NOT NULL,
    added_at     timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX do_not_call_once ON do_not_call (phone, campaign_id) NULLS NOT DISTINCT;

CREATE TABLE lead (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    campaign_id  bigint NOT NULL REFERENCES campaign ON DELETE CASCADE,
    contact_id   bigint NOT NULL REFERENCES contact ON DELETE CASCADE,
    state        text NOT NULL CHECK (state IN
        ('due', 'waiting', 'claimed', 'in_progress', 'done', 'excluded')),
    priority     smallint NOT NULL DEFAULT 5,
    due_at       timestamptz NOT NULL DEFAULT now(),  -- on the campaign's clock (clock_offset)
    phone_index  smallint NOT NULL DEFAULT 1,         -- which of the contact's numbers is next
    zone         text NOT NULL,                       -- of that number; several joined by '|'
    attempts     smallint NOT NULL DEFAULT 0,         -- counted ones
    tries        jsonb NOT NULL DEFAULT '{}',         -- outcome -> how many
    result       text,                                -- last outcome, or why excluded
    cell_id      uuid,                                -- who holds it while claimed or in progress
    UNIQUE (campaign_id, contact_id),
    CHECK ((state IN ('claimed', 'in_progress')) = (cell_id IS NOT NULL))
) WITH (fillfactor = 80);
-- Claiming reads this index in order and stops at the limit: flat however many leads there are.
CREATE INDEX lead_due ON lead (campaign_id, zone, priority DESC, due_at, id) WHERE state = 'due';
CREATE INDEX lead_waiting ON lead (campaign_id, due_at) WHERE state = 'waiting';
CREATE INDEX lead_held ON lead (cell_id) WHERE cell_id IS NOT NULL;
CREATE INDEX lead_by_contact ON lead (contact_id);

-- How many leads of a campaign are in each state and zone, kept by triggers so that it always adds
-- up; spread over shards so that sessions do not wait for one another.
CREATE TABLE lead_tally (
    campaign_id  bigint NOT NULL REFERENCES campaign ON DELETE CASCADE,
    state        text NOT NULL,
    zone         text NOT NULL,
    shard        int NOT NULL,
    n            bigint NOT NULL,
    PRIMARY KEY (campaign_id, state, zone, shard)
) WITH (fillfactor = 50);

CREATE FUNCTION lead_tally_insert() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO lead_tally AS t (campaign_id, state, zone, shard, n)
    SELECT campaign_id, state, zone, pg_backend_pid() % 1024, count(*)
    FROM added GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
    ON CONFLICT (campaign_id, state, zone, shard) DO UPDATE SET n = t.n + excluded.n;
    RETURN NULL;
END $$;
CREATE FUNCTION lead_tally_update() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO lead_tally AS t (campaign_id, state, zone, shard, n)
    SELECT campaign_id, state, zone, pg_backend_pid() % 1024, sum(d)
    FROM (SELECT campaign_id, state, zone, 1 AS d FROM added
          UNION ALL SELECT campaign_id, state, zone, -1 FROM removed) AS change
    GROUP BY 1, 2, 3 HAVING sum(d) <> 0 ORDER BY 1, 2, 3
    ON CONFLICT (campaign_id, state, zone, shard) DO UPDATE SET n = t.n + excluded.n;
    RETURN NULL;
END $$;
CREATE FUNCTION lead_tally_delete() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO lead_tally AS t (campaign_id, state, zone, shard, n)
    SELECT r.campaign_id, r.state, r.zone, pg_backend_pid() % 1024, -count(*)
    FROM removed r JOIN campaign c ON c.id = r.campaign_id GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
    ON CONFLICT (campaign_id, state, zone, shard) DO UPDATE SET n = t.n + excluded.n;
    RETURN NULL;
END $$;
CREATE TRIGGER lead_tally_insert AFTER INSERT ON lead REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION lead_tally_insert();
CREATE TRIGGER lead_tally_update AFTER UPDATE ON lead
    REFERENCING OLD TABLE AS removed NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION lead_tally_update();
CREATE TRIGGER lead_tally_delete AFTER DELETE ON lead REFERENCING OLD TABLE AS removed
    FOR EACH STATEMENT EXECUTE FUNCTION lead_tally_delete();

-- ---------------------------------------------------------------- call

CREATE TABLE attempt (
    id              uuid PRIMARY KEY,
    campaign_id     bigint NOT NULL REFERENCES campaign ON DELETE CASCADE,
    lead_id         bigint NOT NULL REFERENCES lead ON DELETE CASCADE,
    cell_id         uuid NOT NULL,
    epoch           bigint NOT NULL,
    channel         text NOT NULL DEFAULT 'voice',
    state           text NOT NULL CHECK (state IN ('launching', 'in_progress', 'ended')),
    phone           text NOT NULL,
    calling_number  text NOT NULL,
    trunk           text,
    sip_call_id     text,
    journalled_at   timestamptz NOT NULL DEFAULT clock_timestamp(),  -- before the wire
    launched_at     timestamptz,           -- the INVITE left
    ringing_at      timestamptz,
    answered_at     timestamptz,
    ended_at        timestamptz,
    outcome         text,
    received        boolean NOT NULL DEFAULT false,  -- rang, answered, was busy or declined
    counted         boolean NOT NULL DEFAULT true,   -- counts against the caps
    ended_by        text,
    sip_status      int,
    q850_cause      int,
    detail          text,
    key_pressed     text,                  -- meaning of the last key: confirm, opt_out, ...
    CHECK ((state = 'ended') = (ended_at IS NOT NULL AND outcome IS NOT NULL)),
    -- An end in doubt is when it was given up; a cell that comes back may know a later answer.
    CHECK (answered_at IS NULL OR ended_at IS NULL OR ended_at >= answered_at
           OR outcome = 'unknown')
);
-- One open attempt per lead: nothing can dial a lead twice at once.
CREATE UNIQUE INDEX attempt_one_open_per_lead ON attempt (lead_id) WHERE state <> 'ended';
CREATE INDEX attempt_by_campaign ON attempt (campaign_id, journalled_at DESC, id);
CREATE INDEX attempt_by_phone ON attempt (phone, journalled_at) WHERE counted;
CREATE INDEX attempt_open ON attempt (cell_id) WHERE state <> 'ended';
CREATE INDEX attempt_by_lead ON attempt (lead_id, journalled_at);

-- ---------------------------------------------------------------- report

-- What happened in each minute, added to in the transaction that journals it.
CREATE TABLE campaign_minute (
    campaign_id  bigint NOT NULL REFERENCES campaign ON DELETE CASCADE,
    minute       timestamptz NOT NULL,
    shard        int NOT NULL,             -- as in lead_tally
    launched     bigint NOT NULL DEFAULT 0,
    received     bigint NOT NULL DEFAULT 0,
    answered     bigint NOT NULL DEFAULT 0,
    talks_ended  bigint NOT NULL DEFAULT 0,  -- answered calls that have ended
    talk_ms      bigint NOT NULL DEFAULT 0,  -- of those, answer to end
    PRIMARY KEY (campaign_id, minute, shard)
);
CREATE TABLE outcome_minute (
    campaign_id  bigint NOT NULL REFERENCES campaign ON DELETE CASCADE,
    minute       timestamptz NOT NULL,
    outcome      text NOT NULL,
    shard        int NOT NULL,
    n            bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (campaign_id, minute, outcome, shard)
);
