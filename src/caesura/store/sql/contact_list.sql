-- Customer lists, their contacts, and the imports that fill them.

-- name: lists
-- All lists by name, each with the number of campaigns that use it.
SELECT l.id, l.name, l.default_region, l.state, l.contacts, l.created_by, l.created_at,
       (SELECT count(*) FROM campaign_list u WHERE u.list_id = l.id) AS campaigns
FROM contact_list l
ORDER BY l.name;

-- name: list_by_name
-- One list, by its name.
SELECT l.id, l.name, l.default_region, l.state, l.contacts, l.created_by, l.created_at,
       (SELECT count(*) FROM campaign_list u WHERE u.list_id = l.id) AS campaigns
FROM contact_list l
WHERE l.name = %(name)s;

-- name: list_by_id
-- One list, by its id.
SELECT l.id, l.name, l.default_region, l.state, l.contacts, l.created_by, l.created_at,
       (SELECT count(*) FROM campaign_list u WHERE u.list_id = l.id) AS campaigns
FROM contact_list l
WHERE l.id = %(list_id)s;

-- name: lock_list
-- Held until the end of the transaction, so that no campaign can take the list meanwhile.
SELECT id, name, state FROM contact_list WHERE id = %(list_id)s FOR UPDATE;

-- name: campaigns_of_list
-- The names of the campaigns that have the list.
SELECT c.name FROM campaign_list u JOIN campaign c ON c.id = u.campaign_id
WHERE u.list_id = %(list_id)s ORDER BY c.name;

-- name: running_import_of_list
-- The import that is filling the list now, if any.
SELECT id FROM import WHERE list_id = %(list_id)s AND state = 'running';

-- name: delete_list
-- The list with its contacts.
DELETE FROM contact_list WHERE id = %(list_id)s;

-- name: contacts
-- A page of a list's contacts, in the order of the file.
SELECT id, line, phones, zones, priority, attributes FROM contact
WHERE list_id = %(list_id)s AND id > %(after)s
ORDER BY id LIMIT %(limit)s;

-- name: next_import_id
-- An id for an import before its row, so that its lock is held before anybody sees it.
SELECT nextval(pg_get_serial_sequence('import', 'id')) AS id;

-- name: hold_import
-- Held by the importing session as long as it lives: that the lock is free shows that it is dead.
SELECT pg_advisory_lock(hashtextextended('caesura import ' || %(import_id)s::text, 0));

-- name: create_list
-- No row if a list of that name exists.
INSERT INTO contact_list (name, default_region, state, created_by)
VALUES (%(name)s, %(region)s, 'importing', %(actor)s)
ON CONFLICT (name) DO NOTHING
RETURNING id;

-- name: start_import
-- The journal row; a unique index refuses a second running import of the list.
INSERT INTO import (id, list_id, list_name, filename, state, rows_total, options, started_by)
OVERRIDING SYSTEM VALUE
VALUES (%(import_id)s, %(list_id)s, %(list_name)s, %(filename)s, 'running', %(rows_total)s,
        %(options)s, %(actor)s);

-- name: create_staging
-- Where a batch stands before it is compared with the list.
CREATE TEMP TABLE staging (
    line bigint, phones text[], zones text[], priority smallint, attributes jsonb, region text
) ON COMMIT DROP;

-- name: copy_staging
-- One batch of contacts.
COPY staging (line, phones, zones, priority, attributes, region) FROM STDIN;

-- name: copy_rejections
-- The refused rows of one batch.
COPY import_rejection (import_id, line, column_name, value, reason) FROM STDIN;

-- name: clear_staging
-- Room for the next batch.
TRUNCATE staging;

-- name: add_contacts_skip
-- The first contact with a number stays; returns how many were new. Ids follow the file's lines;
-- the rows go in by number, which keeps neighbours in the indexes together (a fifth less CPU).
WITH numbered AS MATERIALIZED (
    SELECT nextval(pg_get_serial_sequence('contact', 'id')) AS id, s.*
    FROM (SELECT * FROM staging ORDER BY line) s
), put AS (
    INSERT INTO contact (id, list_id, line, phones, zones, priority, attributes, region)
    OVERRIDING SYSTEM VALUE
    SELECT id, %(list_id)s, line, phones, zones, priority, attributes, region FROM numbered n
    WHERE NOT %(across)s OR NOT EXISTS (
        SELECT FROM contact other
        WHERE other.phones[1] = n.phones[1] AND other.list_id <> %(list_id)s)
    ORDER BY phones[1], line
    ON CONFLICT (list_id, (phones[1])) DO NOTHING
    RETURNING 1)
SELECT count(*) AS added FROM put;

-- name: add_contacts_update
-- A contact keeps what its first row said, but for the attributes, which are the last row's;
-- returns how many were new.
WITH numbered AS MATERIALIZED (
    SELECT nextval(pg_get_serial_sequence('contact', 'id')) AS id, s.*
    FROM (SELECT * FROM staging ORDER BY line) s
), put AS (
    INSERT INTO contact AS c (id, list_id, line, phones, zones, priority, attributes, region)
    OVERRIDING SYSTEM VALUE
    SELECT f.id, %(list_id)s, f.line, f.phones, f.zones, f.priority, l.attributes, f.region
    FROM (SELECT DISTINCT ON (phones[1]) * FROM numbered ORDER BY phones[1], line) f
    JOIN (SELECT DISTINCT ON (phones[1]) phones[1] AS phone, attributes FROM numbered
          ORDER BY phones[1], line DESC) l ON l.phone = f.phones[1]
    WHERE NOT %(across)s OR NOT EXISTS (
        SELECT FROM contact other
        WHERE other.phones[1] = f.phones[1] AND other.list_id <> %(list_id)s)
    ORDER BY f.phones[1]
    ON CONFLICT (list_id, (phones[1])) DO UPDATE SET attributes = excluded.attributes
    RETURNING (xmax = 0) AS new)
SELECT count(*) FILTER (WHERE new) AS added FROM put;

-- name: progress
-- Written by a second session, because the importing one shows nothing before its end.
UPDATE import SET rows_read = %(rows_read)s, imported = %(imported)s,
                  duplicates = %(duplicates)s, rejected = %(rejected)s
WHERE id = %(import_id)s AND state = 'running';

-- name: finish_import
-- The journal's last word, visible together with the contacts.
UPDATE import SET state = 'done', rows_total = %(rows_read)s, rows_read = %(rows_read)s,
                  imported = %(imported)s, duplicates = %(duplicates)s, rejected = %(rejected)s,
                  ended_at = clock_timestamp()
WHERE id = %(import_id)s;

-- name: finish_list
-- The list may be used, and counts what came.
UPDATE contact_list SET state = 'ready', contacts = contacts + %(imported)s WHERE id = %(list_id)s;

-- name: fail_import
-- Nothing of it has gone in, so its counts say so.
UPDATE import SET state = 'failed', imported = 0, duplicates = 0, rejected = 0,
                  error = %(error)s, ended_at = clock_timestamp()
WHERE id = %(import_id)s AND state = 'running'
RETURNING list_id;

-- name: delete_unfinished_list
-- A list that an import made and that never got its contacts.
DELETE FROM contact_list WHERE id = %(list_id)s AND state = 'importing';

-- name: dead_imports
-- Said to be running, but no session holds them; locked for this transaction.
SELECT id FROM import
WHERE state = 'running'
  AND pg_try_advisory_xact_lock(hashtextextended('caesura import ' || id::text, 0))
ORDER BY id;

-- name: import_status
-- One import.
SELECT id, list_id, list_name, filename, state, rows_total, rows_read, imported, duplicates,
       rejected, error, options, started_by, started_at, ended_at
FROM import WHERE id = %(import_id)s;

-- name: imports
-- The newest imports, of one list or of all.
SELECT id, list_id, list_name, filename, state, rows_total, rows_read, imported, duplicates,
       rejected, error, options, started_by, started_at, ended_at
FROM import
WHERE (%(list_id)s::bigint IS NULL OR list_id = %(list_id)s)
  AND (%(before)s::bigint IS NULL OR id < %(before)s)
ORDER BY id DESC LIMIT %(limit)s;

-- name: rejections
-- The first refused rows, for the screen.
SELECT line, column_name AS "column", value, reason FROM import_rejection
WHERE import_id = %(import_id)s ORDER BY line LIMIT %(limit)s;

-- name: rejected_csv
-- A value that a spreadsheet would take for a formula gets an apostrophe in front of it.
COPY (
    SELECT line, column_name AS "column",
           CASE WHEN value ~ '^[=@]' OR value ~ '^[-+][^0-9 (]' THEN '''' || value ELSE value END
               AS value,
           reason
    FROM import_rejection WHERE import_id = %(import_id)s ORDER BY line
) TO STDOUT (FORMAT csv, HEADER);
