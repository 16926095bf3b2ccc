-- How a cell's journal is doing: what waits to be stored, and the spool that keeps it meanwhile.
ALTER TABLE cell
    ADD COLUMN journal_waiting int NOT NULL DEFAULT 0,     -- results that are not stored yet
    ADD COLUMN spool_bytes bigint NOT NULL DEFAULT 0,      -- of them, on the cell's disk
    ADD COLUMN spool_full boolean NOT NULL DEFAULT false,  -- no new calls until it is emptied
    ADD COLUMN spool_filled_at timestamptz;                -- when it last filled up
