-- From version 1: incidents, what was said of them, notices that are owed, silences, and the challenges
-- that were accepted.

CREATE TABLE saved_with_baseline (
    check_id INTEGER PRIMARY KEY REFERENCES checks (id),
    definition INTEGER NOT NULL,
    last TEXT,
    good TEXT,
    held_until INTEGER,
    held_why TEXT,
    history TEXT NOT NULL,
    holder_body BLOB,
    baseline TEXT
) STRICT;

INSERT INTO saved_with_baseline
    (check_id, definition, last, good, held_until, held_why, history, holder_body)
SELECT check_id, definition, last, good, held_until, held_why, history, holder_body FROM saved;

DROP TABLE saved;

ALTER TABLE saved_with_baseline RENAME TO saved;

CREATE TABLE incidents (
    id TEXT PRIMARY KEY,
    opened_at INTEGER NOT NULL,
    ended_at INTEGER,
    body TEXT NOT NULL
) STRICT;

CREATE INDEX incidents_by_end ON incidents (ended_at);

CREATE TABLE tellings (
    incident TEXT NOT NULL,
    receiver TEXT NOT NULL,
    said TEXT NOT NULL,
    at INTEGER NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (incident, receiver)
) STRICT, WITHOUT ROWID;

CREATE INDEX tellings_to_finish ON tellings (incident) WHERE said <> 'ended';

CREATE TABLE notices (
    id TEXT PRIMARY KEY,
    receiver TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    body TEXT NOT NULL
) STRICT;

CREATE INDEX notices_by_time ON notices (created_at, id);

CREATE TABLE deliveries (
    notice TEXT NOT NULL REFERENCES notices (id) ON DELETE CASCADE,
    way TEXT NOT NULL,
    address TEXT NOT NULL,
    state TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    tried_at INTEGER,
    said TEXT,
    PRIMARY KEY (notice, way, address)
) STRICT, WITHOUT ROWID;

CREATE INDEX deliveries_to_finish ON deliveries (state, notice) WHERE state <> 'delivered';

CREATE TABLE silences (
    id TEXT PRIMARY KEY,
    ends_at INTEGER NOT NULL,
    body TEXT NOT NULL
) STRICT;

CREATE TABLE memo (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    body TEXT NOT NULL
) STRICT;
