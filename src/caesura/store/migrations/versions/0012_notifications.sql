-- Notifications: who is told what, and an outbox. What is told is written by triggers in the very
-- transaction in which it happens, whoever makes it happen; the web processes deliver it.

CREATE TABLE notification_recipient (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name         text NOT NULL UNIQUE CHECK (name <> ''),
    destination  jsonb NOT NULL,           -- rules/notification.py: Webhook or Email
    secret       text,                     -- a webhook's signing key, a mail server's password
    events       text[] NOT NULL,          -- rules/notification.py: Event
    enabled      boolean NOT NULL DEFAULT true,
    created_by   text NOT NULL,
    created_at   timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE notification (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    key           uuid NOT NULL DEFAULT gen_random_uuid(),  -- the receiver knows a repetition by it
    -- No foreign key: a pause that tells somebody must never wait for whoever edits a recipient.
    recipient_id  bigint NOT NULL,
    event         text NOT NULL,
    content       jsonb NOT NULL,
    created_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
    state         text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'delivered', 'given_up')),
    tries         int NOT NULL DEFAULT 0,
    tried_at      timestamptz,             -- last
    next_try_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
    answer        text,                    -- what the last try came to
    delivered_at  timestamptz,
    CHECK ((state = 'delivered') = (delivered_at IS NOT NULL))
);
CREATE INDEX notification_due ON notification (next_try_at) WHERE state = 'waiting';
CREATE INDEX notification_undelivered ON notification (recipient_id) WHERE state <> 'delivered';
CREATE INDEX notification_by_recipient ON notification (recipient_id, id DESC);

-- What is wrong at this moment and was told already.
CREATE TABLE alarm (
    name   text PRIMARY KEY,
    since  timestamptz NOT NULL DEFAULT clock_timestamp()
);

CREATE FUNCTION notify_recipients(event text, content jsonb) RETURNS void LANGUAGE sql AS $$
    INSERT INTO notification (recipient_id, event, content)
    SELECT r.id, $1, $2 FROM notification_recipient r WHERE r.enabled AND $1 = ANY(r.events)
$$;

CREATE FUNCTION receipt_tell() RETURNS trigger LANGUAGE plpgsql SET timezone TO 'UTC' AS $$
DECLARE
    content jsonb := jsonb_build_object(
        'campaign', (SELECT name FROM campaign WHERE id = NEW.campaign_id),
        'campaign_id', NEW.campaign_id, 'receipt_id', NEW.id, 'kind', NEW.kind, 'actor', NEW.actor,
        'reason', NEW.reason, 'requested_at', NEW.requested_at);
BEGIN
    IF TG_OP = 'INSERT' THEN
        PERFORM notify_recipients('campaign.paused_by_rule',
            content || jsonb_build_object('evidence', NEW.evidence));
    ELSE
        PERFORM notify_recipients('receipt.by_expiry', content || jsonb_build_object(
            'confirmed_at', NEW.confirmed_at,
            'nodes', (SELECT coalesce(jsonb_agg(node ORDER BY node), '[]') FROM receipt_cell
                      WHERE receipt_id = NEW.id AND confirmed_by = 'expiry')));
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER receipt_tell_of_rule AFTER INSERT ON receipt FOR EACH ROW
    WHEN (NEW.evidence IS NOT NULL) EXECUTE FUNCTION receipt_tell();
CREATE TRIGGER receipt_tell_of_expiry AFTER UPDATE ON receipt FOR EACH ROW
    WHEN (OLD.confirmed_at IS NULL AND NEW.confirmed_by = 'expiry')
    EXECUTE FUNCTION receipt_tell();

CREATE FUNCTION campaign_tell() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM notify_recipients('campaign.completed',
        jsonb_build_object('campaign', NEW.name, 'campaign_id', NEW.id));
    RETURN NULL;
END $$;
CREATE TRIGGER campaign_tell AFTER UPDATE ON campaign FOR EACH ROW
    WHEN (OLD.state <> 'completed' AND NEW.state = 'completed') EXECUTE FUNCTION campaign_tell();

CREATE FUNCTION cell_tell() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM notify_recipients('spool.full', jsonb_build_object(
        'node', NEW.node, 'cell_id', NEW.id, 'bytes', NEW.spool_bytes,
        'waiting', NEW.journal_waiting));
    RETURN NULL;
END $$;
CREATE TRIGGER cell_tell AFTER UPDATE ON cell FOR EACH ROW
    WHEN (NEW.spool_full AND NOT OLD.spool_full) EXECUTE FUNCTION cell_tell();
