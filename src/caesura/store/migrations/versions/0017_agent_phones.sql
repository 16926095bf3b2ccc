-- Agents' own telephones: a leg to each is kept open for the whole shift.

ALTER TABLE agent
    ADD COLUMN phone                 text,     -- E.164, or sip:user@host; NULL: their page's sound
    ADD COLUMN phone_trunk_id        bigint REFERENCES trunk,
    ADD COLUMN phone_calling_number  text REFERENCES calling_number,
    ADD CONSTRAINT agent_phone_has_a_way CHECK ((phone IS NULL) = (phone_trunk_id IS NULL)),
    -- A carrier does not take a call to a number from nobody.
    ADD CONSTRAINT agent_phone_is_called_from CHECK
        (CASE WHEN phone IS NULL THEN phone_calling_number IS NULL
              ELSE phone LIKE 'sip:%' OR phone_calling_number IS NOT NULL END);

-- The telephone of this shift, and how it stands (caesura.rules.agent_phone).
ALTER TABLE desk
    ADD COLUMN phone        text,              -- NULL: the page's sound
    ADD COLUMN phone_state  text CHECK (phone_state IN
        ('ringing', 'ready', 'hung_up', 'busy', 'not_answered', 'unreachable', 'no_line')),
    ADD CONSTRAINT desk_phone_has_a_state CHECK ((phone IS NULL) = (phone_state IS NULL));
