-- People who sign in, and what is set for the whole system.

CREATE TABLE app_user (
    id                    bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name                  text NOT NULL CHECK (name <> ''),   -- the actor of what they do
    password_hash         text NOT NULL,          -- argon2id, with its parameters and salt
    must_change_password  boolean NOT NULL,       -- it was given by somebody else
    preferences           jsonb NOT NULL DEFAULT '{}',
    created_by            text NOT NULL,
    created_at            timestamptz NOT NULL DEFAULT now(),
    signed_in_at          timestamptz,            -- last
    disabled_at           timestamptz             -- history names them, so they are never deleted
);
-- "Dana" and "dana" would be told apart by nobody.
CREATE UNIQUE INDEX app_user_once ON app_user (lower(name));

CREATE TABLE session (
    digest      bytea PRIMARY KEY,                -- SHA-256 of the 256-bit random token
    user_id     bigint NOT NULL REFERENCES app_user ON DELETE CASCADE,
    csrf_token  text NOT NULL,
    created_at  timestamptz NOT NULL DEFAULT now(),
    expires_at  timestamptz NOT NULL,             -- whatever happens
    seen_at     timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX session_by_user ON session (user_id);

-- Sign-ins that were tried in the last minute, so that passwords cannot be guessed quickly.
-- Unlogged: after a crash nobody needs it.
CREATE UNLOGGED TABLE sign_in_attempt (
    address   text NOT NULL,
    who       bytea NOT NULL,                     -- SHA-256 of the name: as long as any other
    at        timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX sign_in_attempt_by_address ON sign_in_attempt (address, at);

-- Every version of the system-wide settings; a change is a new row, the highest one counts.
CREATE TABLE system_settings (
    version     int PRIMARY KEY,
    settings    jsonb NOT NULL,
    changed_by  text NOT NULL,
    changed_at  timestamptz NOT NULL DEFAULT now()
);
INSERT INTO system_settings (version, settings, changed_by) VALUES (1, '{}', 'system');

-- What was added during a pause is shown before the resume.
CREATE INDEX do_not_call_by_time ON do_not_call (added_at);
