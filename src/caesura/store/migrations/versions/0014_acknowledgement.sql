-- An acknowledgement is one statement, for as long as which the campaign is locked: several cells
-- acknowledge a pause at the same moment, and each waits for those before it. So no lock is held
-- while a busy cell thinks of its next statement. Each step is a statement of its own, which sees
-- what the lock was waited for; they are planned once for a connection (plan_cache_mode), for
-- planning them takes several times as long as they do.

CREATE FUNCTION not_launched(attempts uuid[]) RETURNS void LANGUAGE plpgsql
    SET plan_cache_mode TO force_generic_plan AS $$
BEGIN
    WITH undone AS (
        DELETE FROM attempt WHERE id = ANY(attempts) AND state = 'launching'
        RETURNING lead_id, follow_up_id
    ), again AS (
        UPDATE follow_up SET state = 'due' WHERE id IN (SELECT follow_up_id FROM undone)
    )
    UPDATE lead SET state = 'due', cell_id = NULL
    WHERE id IN (SELECT lead_id FROM undone WHERE follow_up_id IS NULL) AND state = 'in_progress';
END $$;

-- Where the last call of before has ended, the receipt says what came of the ringing ones. First
-- the chain of seals is locked, then the receipts' rows: in one order, so that two sealings never
-- wait for each other; and only where there is something to seal, for everybody else's wait then.
CREATE FUNCTION complete_receipts(campaigns bigint[]) RETURNS void LANGUAGE plpgsql
    SET plan_cache_mode TO force_generic_plan AS $$
BEGIN
    PERFORM 1 FROM receipt_chain
    WHERE EXISTS (SELECT 1 FROM receipt r
                  WHERE r.campaign_id = ANY(campaigns) AND r.completed_at IS NULL
                    AND r.confirmed_at IS NOT NULL
                    AND NOT EXISTS (SELECT 1 FROM attempt a WHERE a.campaign_id = r.campaign_id
                                    AND a.state <> 'ended' AND a.epoch < r.epoch))
    FOR UPDATE;
    IF FOUND THEN
        UPDATE receipt r
        SET completed_at = clock_timestamp(),
            cancelled = (SELECT count(*) FROM attempt a WHERE a.campaign_id = r.campaign_id
                         AND a.outcome = 'cancelled' AND a.epoch < r.epoch
                         AND a.ended_at >= r.requested_at)
        WHERE r.campaign_id = ANY(campaigns) AND r.completed_at IS NULL
          AND r.confirmed_at IS NOT NULL
          AND NOT EXISTS (SELECT 1 FROM attempt a WHERE a.campaign_id = r.campaign_id
                          AND a.state <> 'ended' AND a.epoch < r.epoch);
    END IF;
END $$;

-- The caller has the campaigns locked. `from_states` and `to_states`: the passing states, and what
-- each of them becomes.
CREATE FUNCTION seal_if_silent(campaigns bigint[], from_states text[], to_states text[])
    RETURNS void LANGUAGE plpgsql SET plan_cache_mode TO force_generic_plan AS $$
DECLARE
    sealing bigint[] := '{}';
    told    bigint;
BEGIN
    -- The chain before the rows, as above.
    PERFORM 1 FROM receipt_chain
    WHERE EXISTS (SELECT 1 FROM receipt r
                  WHERE r.campaign_id = ANY(campaigns) AND r.confirmed_at IS NULL
                    AND NOT EXISTS (SELECT 1 FROM lease l WHERE l.campaign_id = r.campaign_id
                                    AND l.epoch < r.epoch))
    FOR UPDATE;
    IF FOUND THEN
        sealing := campaigns;
    END IF;

    -- Silence is confirmed where no lease of before is left: each receipt that waited for it takes
    -- the sum of its cells' parts; so do those of pauses that a later one overtook, for silence is
    -- the campaign's. When the last INVITE left, the journal tells for cells that could not say it
    -- themselves. Where the state stays, because a part was silenced, everybody is told here.
    WITH sealed AS (
        UPDATE receipt r
        SET confirmed_at = clock_timestamp(), confirmed_by = part.by,
            last_launch_at = coalesce(part.last_launch_at,
                (SELECT max(launched_at) FROM attempt WHERE campaign_id = r.campaign_id)),
            conversations_left = CASE WHEN part.cells > 0 THEN part.conversations_left
                                      ELSE r.talking_at_request END,
            leads_returned = part.leads_returned, settings_digest_after = now.digest
        FROM campaign c
        JOIN campaign_settings now
          ON now.campaign_id = c.id AND now.version = c.settings_version
        JOIN receipt s ON s.campaign_id = c.id AND s.confirmed_at IS NULL
        CROSS JOIN LATERAL (
              SELECT count(*) AS cells,
                     CASE WHEN bool_or(confirmed_by = 'expiry') THEN 'expiry'
                          ELSE 'acknowledgement' END AS by,
                     max(last_launch_at) AS last_launch_at,
                     coalesce(sum(conversations_left), 0) AS conversations_left,
                     coalesce(sum(leads_returned), 0) AS leads_returned
              FROM receipt_cell WHERE receipt_id = s.id) AS part
        WHERE c.id = ANY(sealing) AND r.id = s.id
          AND NOT EXISTS (SELECT 1 FROM lease l WHERE l.campaign_id = c.id AND l.epoch < s.epoch)
        RETURNING r.campaign_id
    )
    SELECT count(pg_notify('campaign', json_build_object('id', c.id)::text)) INTO told
    FROM campaign c
    WHERE c.id IN (SELECT campaign_id FROM sealed) AND c.state <> ALL(from_states);

    -- Where no lease is left, the passing state is left too: with its history and its notice.
    WITH silent AS MATERIALIZED (
        SELECT c.id, v.from_state, v.to_state, c.epoch + 1 AS epoch,
               (SELECT id FROM receipt WHERE campaign_id = c.id AND kind <> 'part'
                ORDER BY epoch DESC LIMIT 1) AS receipt
        FROM campaign c
        JOIN unnest(from_states, to_states) AS v(from_state, to_state) ON v.from_state = c.state
        WHERE c.id = ANY(campaigns)
          AND NOT EXISTS (SELECT 1 FROM lease l WHERE l.campaign_id = c.id)
    ), moved AS (
        UPDATE campaign c SET state = s.to_state, epoch = s.epoch FROM silent s WHERE c.id = s.id
    ), written AS (
        INSERT INTO transition
            (campaign_id, from_state, to_state, epoch, actor, reason, receipt_id)
        SELECT id, from_state, to_state, epoch, 'system', 'silence confirmed', receipt FROM silent
    )
    SELECT count(pg_notify('campaign', json_build_object(
        'id', id, 'state', to_state, 'epoch', epoch)::text)) INTO told
    FROM silent;

    PERFORM complete_receipts(sealing);
END $$;

-- One cell's part: it gives back what was claimed (`leads`) or journalled (`attempts`) and not
-- launched, says what it did in each receipt that waits for it, and is silent for good by deleting
-- its leases. Of those only the revoked ones: a late acknowledgement takes away none given since.
CREATE FUNCTION acknowledge(
    by_cell uuid, leads bigint[], attempts uuid[], campaigns bigint[],
    last_launches timestamptz[], ringings int[], conversations int[], returns int[],
    from_states text[], to_states text[]
) RETURNS void LANGUAGE plpgsql SET plan_cache_mode TO force_generic_plan AS $$
BEGIN
    -- In one order, so that two cells that acknowledge at once never wait for each other.
    PERFORM 1 FROM campaign WHERE id = ANY(campaigns) ORDER BY id FOR NO KEY UPDATE;
    PERFORM not_launched(attempts);
    WITH freed AS (
        UPDATE lead SET state = 'due', cell_id = NULL
        WHERE id = ANY(leads) AND state = 'claimed' AND cell_id = by_cell
        RETURNING campaign_id
    )
    UPDATE receipt_cell p
    SET confirmed_by = 'acknowledgement', acknowledged_at = clock_timestamp(),
        last_launch_at = v.last_launch_at, ringing = v.ringing,
        conversations_left = v.conversations_left,
        leads_returned = v.returned
            + (SELECT count(*) FROM freed f WHERE f.campaign_id = v.campaign)
    FROM unnest(campaigns, last_launches, ringings, conversations, returns)
         AS v(campaign, last_launch_at, ringing, conversations_left, returned)
    JOIN receipt r ON r.campaign_id = v.campaign AND r.confirmed_at IS NULL
    WHERE p.receipt_id = r.id AND p.cell_id = by_cell AND p.confirmed_by IS NULL;
    DELETE FROM lease WHERE campaign_id = ANY(campaigns) AND cell_id = by_cell AND revoked;
    PERFORM seal_if_silent(campaigns, from_states, to_states);
END $$;
