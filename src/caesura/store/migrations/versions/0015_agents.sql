-- Agents: who takes conversations, for which campaigns, what each does now, and what came of it.

ALTER TABLE app_user ADD COLUMN role text NOT NULL DEFAULT 'manager'
    CHECK (role IN ('manager', 'agent'));

CREATE TABLE agent (
    id          bigint PRIMARY KEY REFERENCES app_user,   -- users are never deleted
    skills      text[] NOT NULL DEFAULT '{}',
    created_by  text NOT NULL,
    created_at  timestamptz NOT NULL DEFAULT now(),
    retired_at  timestamptz                               -- takes no conversations any more
);

CREATE TABLE assignment (
    campaign_id  bigint NOT NULL REFERENCES campaign ON DELETE CASCADE,
    agent_id     bigint NOT NULL REFERENCES agent ON DELETE CASCADE,
    priority     smallint NOT NULL DEFAULT 5 CHECK (priority BETWEEN 1 AND 9),   -- 9 first
    weight       double precision NOT NULL DEFAULT 1 CHECK (weight > 0),  -- among equal priorities
    PRIMARY KEY (campaign_id, agent_id)
);
CREATE INDEX assignment_by_agent ON assignment (agent_id);

-- ------------------------------------------------------------------- shifts

-- An agent who is signed in at their desk: the cell that serves them, and what they do now, as that
-- cell says (caesura.rules.floor.desk).
CREATE TABLE desk (
    agent_id      bigint PRIMARY KEY REFERENCES agent ON DELETE CASCADE,
    id            uuid NOT NULL UNIQUE,          -- of this shift
    cell_id       uuid NOT NULL,
    opened_at     timestamptz NOT NULL DEFAULT now(),
    presence      text NOT NULL CHECK (presence IN
        ('available', 'preview', 'calling', 'on_call', 'wrap_up', 'break')),
    reason        text,                          -- of a break
    since         timestamptz NOT NULL DEFAULT now(),
    device        boolean NOT NULL DEFAULT false,  -- can carry a conversation
    wish          text CHECK (wish IN ('break', 'offline')),   -- after what they do now
    campaign_id   bigint,                        -- of what they are busy with
    attempt_id    uuid,
    lead_id       bigint,                        -- shown to them before the call
    until         timestamptz,                   -- when wrap-up or preview ends by itself
    overdue       boolean NOT NULL DEFAULT false,  -- the wrap-up, for want of a disposition
    extended      boolean NOT NULL DEFAULT false,
    disposed      boolean NOT NULL DEFAULT false,
    muted         boolean NOT NULL DEFAULT false,
    on_hold       boolean NOT NULL DEFAULT false,
    allotted_to   bigint,                        -- the campaign that their next calls come from
    allotted_why  text CHECK (allotted_why IN ('assigned', 'destination', 'held')),
    notice        jsonb                          -- the last pause or resume that they were told of
);
CREATE INDEX desk_by_cell ON desk (cell_id);
CREATE INDEX desk_by_campaign ON desk (campaign_id);

-- What an agent asks for at the desk, on its way from the web process to the cell, and the answer
-- on its way back. Unlogged: after a crash nobody waits for it.
CREATE UNLOGGED TABLE desk_order (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    cell_id    uuid NOT NULL,
    agent_id   bigint NOT NULL,
    desk_id    uuid NOT NULL,
    asked      jsonb NOT NULL,                   -- caesura.rules.floor.order
    asked_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
    taken      boolean NOT NULL DEFAULT false,   -- by the cell
    answer     jsonb
);
CREATE INDEX desk_order_open ON desk_order (cell_id, id) WHERE NOT taken;
CREATE INDEX desk_order_by_time ON desk_order (asked_at);

-- What an agent did and for how long: a row for each presence.
CREATE TABLE presence (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    agent_id     bigint NOT NULL REFERENCES agent ON DELETE CASCADE,
    presence     text NOT NULL,
    reason       text,
    campaign_id  bigint REFERENCES campaign ON DELETE SET NULL,
    since        timestamptz NOT NULL,
    until        timestamptz
);
CREATE INDEX presence_by_agent ON presence (agent_id, since);
CREATE UNIQUE INDEX presence_one_open ON presence (agent_id) WHERE until IS NULL;

-- ------------------------------------------------------------ conversations

-- Who talked to the callee of an attempt, from when to when, and why it ended.
CREATE TABLE conversation (
    attempt_id         uuid NOT NULL REFERENCES attempt ON DELETE CASCADE,
    agent_id           bigint NOT NULL REFERENCES agent ON DELETE CASCADE,
    campaign_id        bigint NOT NULL REFERENCES campaign ON DELETE CASCADE,
    began_at           timestamptz NOT NULL,
    greeting_ended_at  timestamptz,              -- of the callee, where it was heard before
    ended_at           timestamptz,
    end_reason         text CHECK (end_reason IN ('call_ended', 'handed_over', 'device_lost')),
    PRIMARY KEY (attempt_id, began_at),
    CHECK ((ended_at IS NULL) = (end_reason IS NULL))
);
CREATE INDEX conversation_by_agent ON conversation (agent_id, began_at DESC);
CREATE INDEX conversation_by_campaign ON conversation (campaign_id, began_at);

-- What the agent said came of it.
CREATE TABLE disposition (
    attempt_id      uuid PRIMARY KEY REFERENCES attempt ON DELETE CASCADE,
    campaign_id     bigint NOT NULL REFERENCES campaign ON DELETE CASCADE,
    agent_id        bigint NOT NULL REFERENCES agent ON DELETE CASCADE,
    at              timestamptz NOT NULL,
    name            text NOT NULL,
    meaning         text NOT NULL CHECK (meaning IN ('done', 'callback', 'do_not_call', 'try_again')),
    notes           text NOT NULL DEFAULT '',
    callback_at     timestamptz,
    callback_agent  bigint REFERENCES agent,     -- who promised to call; NULL: anybody
    CHECK ((meaning = 'callback') = (callback_at IS NOT NULL))
);
CREATE INDEX disposition_by_campaign ON disposition (campaign_id, at);
CREATE INDEX disposition_by_agent ON disposition (agent_id, at DESC);

-- A promised call: due at its time by everybody's clock, for whoever promised it.
ALTER TABLE lead ADD COLUMN callback_at timestamptz,
                 ADD COLUMN callback_agent bigint REFERENCES agent;
