-- Receipts are sealed (docs/receipts.md). When silence is confirmed, what the receipt says is
-- written down as canonical JSON, with a digest over it and the digest of the seal before: a chain,
-- in which whatever is changed, left out or moved later shows. When the last call has ended, what
-- the receipt then learns gets a second seal. The database does it, whoever writes.

-- ---------------------------------------------------------------- the chain

CREATE TABLE receipt_seal (
    sequence    bigint PRIMARY KEY,        -- 1, 2, 3 … without a gap, in the order of the sealing
    receipt_id  bigint NOT NULL REFERENCES receipt,
    part        text NOT NULL CHECK (part IN ('silence', 'completion')),
    content     text NOT NULL,             -- canonical JSON: keys in order, no space between
    previous    text NOT NULL,             -- digest of the seal before; 64 zeros for the first
    digest      text NOT NULL,             -- SHA-256, hexadecimal: sequence, previous, content
    UNIQUE (receipt_id, part)
);

-- Where the chain ends. One row; whoever seals holds it until the commit, so that the chain is one.
CREATE TABLE receipt_chain (
    one         boolean PRIMARY KEY DEFAULT true CHECK (one),
    sequence    bigint NOT NULL,
    digest      text NOT NULL
);
INSERT INTO receipt_chain (sequence, digest) VALUES (0, repeat('0', 64));

CREATE FUNCTION canonical_json(value jsonb) RETURNS text LANGUAGE plpgsql IMMUTABLE STRICT AS $$
BEGIN
    CASE jsonb_typeof(value)
        WHEN 'object' THEN
            RETURN '{' || coalesce((
                SELECT string_agg(to_json(e.key)::text || ':' || canonical_json(e.value), ','
                                  ORDER BY e.key COLLATE "C")
                FROM jsonb_each(value) AS e), '') || '}';
        WHEN 'array' THEN
            RETURN '[' || coalesce((
                SELECT string_agg(canonical_json(e.value), ',' ORDER BY e.n)
                FROM jsonb_array_elements(value) WITH ORDINALITY AS e (value, n)), '') || ']';
        ELSE RETURN value::text;
    END CASE;
END $$;

-- What each part of a receipt says now. All columns, also those that a later migration adds; times
-- in UTC whatever the session's zone is.
CREATE FUNCTION receipt_says(r receipt, part text) RETURNS jsonb
    LANGUAGE plpgsql STABLE SET timezone TO 'UTC' AS $$
BEGIN
    IF part = 'completion' THEN
        RETURN jsonb_build_object('receipt', jsonb_build_object(
            'id', r.id, 'campaign_id', r.campaign_id, 'completed_at', r.completed_at,
            'cancelled', r.cancelled));
    END IF;
    RETURN jsonb_build_object(
        'receipt', to_jsonb(r) - '{completed_at,cancelled}'::text[],
        'cells', coalesce((SELECT jsonb_agg(to_jsonb(c) - 'receipt_id' ORDER BY c.cell_id)
                           FROM receipt_cell c WHERE c.receipt_id = r.id), '[]'));
END $$;

CREATE FUNCTION receipt_seal_part(r receipt, part text) RETURNS void
    LANGUAGE plpgsql SET timezone TO 'UTC' AS $$
DECLARE
    head receipt_chain;
    says text;
    made text;
BEGIN
    SELECT * INTO STRICT head FROM receipt_chain FOR UPDATE;
    says := canonical_json(receipt_says(r, part) || jsonb_build_object(
        'part', part, 'sealed_at', clock_timestamp(),
        'campaign', (SELECT name FROM campaign WHERE id = r.campaign_id)));
    made := encode(sha256(convert_to(
        (head.sequence + 1) || E'\n' || head.digest || E'\n' || says, 'UTF8')), 'hex');
    INSERT INTO receipt_seal VALUES
        (head.sequence + 1, r.id, part, says, head.digest, made);
    UPDATE receipt_chain SET sequence = head.sequence + 1, digest = made;
END $$;

CREATE FUNCTION receipt_seal_now() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.confirmed_at IS NULL AND NEW.confirmed_at IS NOT NULL THEN
        PERFORM receipt_seal_part(NEW, 'silence');
    END IF;
    IF OLD.completed_at IS NULL AND NEW.completed_at IS NOT NULL THEN
        PERFORM receipt_seal_part(NEW, 'completion');
    END IF;
    RETURN NULL;
END $$;

-- What was confirmed before there were seals is sealed now, as it stands.
DO $$
DECLARE r receipt;
BEGIN
    FOR r IN SELECT * FROM receipt WHERE confirmed_at IS NOT NULL ORDER BY confirmed_at, id LOOP
        PERFORM receipt_seal_part(r, 'silence');
        IF r.completed_at IS NOT NULL THEN
            PERFORM receipt_seal_part(r, 'completion');
        END IF;
    END LOOP;
END $$;

CREATE TRIGGER receipt_seal_now AFTER UPDATE ON receipt FOR EACH ROW
    WHEN (OLD.confirmed_at IS DISTINCT FROM NEW.confirmed_at
          OR OLD.completed_at IS DISTINCT FROM NEW.completed_at)
    EXECUTE FUNCTION receipt_seal_now();

-- ---------------------------------------------------------------- append-only

-- A receipt is made unconfirmed and confirmed once; after that only its completion is filled in,
-- once, too. None is ever deleted, and so no campaign that has one.
CREATE FUNCTION receipt_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.confirmed_at IS NOT NULL OR NEW.completed_at IS NOT NULL THEN
            RAISE EXCEPTION 'a receipt is confirmed after it was made, so that it is sealed'
                USING ERRCODE = 'check_violation';
        END IF;
        RETURN NEW;
    END IF;
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'receipt %: receipts are never deleted', OLD.id
            USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.completed_at IS NOT NULL AND NEW.confirmed_at IS NULL THEN
        RAISE EXCEPTION 'receipt %: completed, but not confirmed', OLD.id
            USING ERRCODE = 'check_violation';
    END IF;
    IF OLD.confirmed_at IS NOT NULL
       AND to_jsonb(NEW) - '{completed_at,cancelled}'::text[]
           IS DISTINCT FROM to_jsonb(OLD) - '{completed_at,cancelled}'::text[] THEN
        RAISE EXCEPTION 'receipt %: it is sealed', OLD.id USING ERRCODE = 'check_violation';
    END IF;
    IF OLD.completed_at IS NOT NULL
       AND (NEW.completed_at, NEW.cancelled) IS DISTINCT FROM (OLD.completed_at, OLD.cancelled) THEN
        RAISE EXCEPTION 'receipt %: its completion is sealed', OLD.id
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER receipt_guard BEFORE INSERT OR UPDATE OR DELETE ON receipt
    FOR EACH ROW EXECUTE FUNCTION receipt_guard();

CREATE FUNCTION receipt_cell_guard() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    ids bigint[] := CASE TG_OP WHEN 'INSERT' THEN ARRAY[NEW.receipt_id]
                               WHEN 'DELETE' THEN ARRAY[OLD.receipt_id]
                               ELSE ARRAY[OLD.receipt_id, NEW.receipt_id] END;
BEGIN
    IF EXISTS (SELECT 1 FROM receipt WHERE id = ANY(ids) AND confirmed_at IS NOT NULL) THEN
        RAISE EXCEPTION 'receipt %: it is sealed', ids[1] USING ERRCODE = 'check_violation';
    END IF;
    IF TG_OP = 'DELETE' THEN
        RETURN OLD;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER receipt_cell_guard BEFORE INSERT OR UPDATE OR DELETE ON receipt_cell
    FOR EACH ROW EXECUTE FUNCTION receipt_cell_guard();

CREATE FUNCTION receipt_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'check_violation';
END $$;
CREATE TRIGGER receipt_seal_append_only BEFORE UPDATE OR DELETE ON receipt_seal
    FOR EACH ROW EXECUTE FUNCTION receipt_append_only();
CREATE TRIGGER receipt_chain_stays BEFORE DELETE ON receipt_chain
    FOR EACH ROW EXECUTE FUNCTION receipt_append_only();
CREATE TRIGGER receipt_seal_no_truncate BEFORE TRUNCATE ON receipt_seal
    EXECUTE FUNCTION receipt_append_only();
CREATE TRIGGER receipt_no_truncate BEFORE TRUNCATE ON receipt
    EXECUTE FUNCTION receipt_append_only();
CREATE TRIGGER receipt_cell_no_truncate BEFORE TRUNCATE ON receipt_cell
    EXECUTE FUNCTION receipt_append_only();

-- ---------------------------------------------------------------- the published figure

-- The last hundred pauses, by when they were confirmed.
CREATE INDEX receipt_by_confirmation ON receipt (confirmed_at DESC)
    WHERE confirmed_at IS NOT NULL AND kind = 'pause';
