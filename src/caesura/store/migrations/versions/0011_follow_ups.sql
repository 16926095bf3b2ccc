-- Messages that are not a lead's turn: what a voice campaign sends after an outcome (missed you;
-- confirmation), and the answers to STOP and HELP. Each waits here until it is sent, under the same
-- gate as everything else, and is sent once (attempt_once_per_follow_up).

CREATE TABLE follow_up (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    campaign_id  bigint NOT NULL REFERENCES campaign ON DELETE CASCADE,
    lead_id      bigint NOT NULL REFERENCES lead ON DELETE CASCADE,
    kind         text NOT NULL CHECK (kind IN ('follow_up', 'answer')),
    after        text NOT NULL,             -- "<attempt> <rule>" or "reply <id>": made once
    channel      text NOT NULL CHECK (channel IN ('sms', 'email')),
    phone        text NOT NULL,
    zone         text NOT NULL,             -- of the number, for the hours
    sender       text NOT NULL,
    providers    text[] NOT NULL,           -- in order of preference
    text         text NOT NULL,
    subject      text,
    address      text,
    segments     smallint NOT NULL DEFAULT 1,
    state        text NOT NULL DEFAULT 'due' CHECK (state IN ('due', 'journalled', 'refused')),
    result       text,                      -- why refused
    due_at       timestamptz NOT NULL,
    UNIQUE (after)
);
CREATE INDEX follow_up_due ON follow_up (campaign_id, due_at) WHERE state = 'due';
