-- The state file as it is made new. Times are whole microseconds since 1970, UTC.
-- A change of this file is a new version: see `schema.rs`.

-- Names to numbers, so that everything else is narrow.
CREATE TABLE checks (
    id INTEGER PRIMARY KEY,
    endpoint TEXT NOT NULL,
    name TEXT NOT NULL,
    UNIQUE (endpoint, name)
) STRICT;

-- What each check last came to: written where it changed. `last`, `good` and `baseline` are JSON;
-- `definition` is an unsigned number's 64 bits, `held_span` the seconds from which the next hold doubles.
CREATE TABLE saved (
    check_id INTEGER PRIMARY KEY REFERENCES checks (id),
    definition INTEGER NOT NULL,
    last TEXT,
    good TEXT,
    held_until INTEGER,
    held_why TEXT,
    held_span INTEGER,
    history TEXT NOT NULL,
    holder_body BLOB,
    baseline TEXT
) STRICT;

-- When each check last came to what `saved` has: written after every probe, and narrow.
CREATE TABLE seen (
    check_id INTEGER PRIMARY KEY REFERENCES checks (id),
    at INTEGER NOT NULL
) STRICT;

-- Verdict changes with their evidence. `before` is a verdict, `seen` is JSON.
CREATE TABLE changes (
    id INTEGER PRIMARY KEY,
    check_id INTEGER NOT NULL REFERENCES checks (id),
    at INTEGER NOT NULL,
    before TEXT,
    seen TEXT NOT NULL
) STRICT;

CREATE INDEX changes_by_check ON changes (check_id, at);
CREATE INDEX changes_by_time ON changes (at);

-- When the rightful holder of each credential was last let in.
CREATE TABLE credentials (
    name TEXT PRIMARY KEY,
    accepted_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- What is counted of the account that a credential's password opens. `rejected_at` is a JSON list of
-- times. There is no trace of the password, and no hash of it either.
CREATE TABLE accounts (
    name TEXT PRIMARY KEY,
    latest_at INTEGER NOT NULL,
    rejected_at TEXT NOT NULL,
    is_counted_out INTEGER NOT NULL,
    wronged_at INTEGER
) STRICT, WITHOUT ROWID;

-- Confirmed regressions. `body` is JSON and holds the times too.
CREATE TABLE incidents (
    id TEXT PRIMARY KEY,
    opened_at INTEGER NOT NULL,
    ended_at INTEGER,
    body TEXT NOT NULL
) STRICT;

CREATE INDEX incidents_by_end ON incidents (ended_at);

-- What each receiver was last told of each incident. `body` is JSON.
CREATE TABLE tellings (
    incident TEXT NOT NULL,
    receiver TEXT NOT NULL,
    said TEXT NOT NULL,
    at INTEGER NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (incident, receiver)
) STRICT, WITHOUT ROWID;

CREATE INDEX tellings_to_finish ON tellings (incident) WHERE said <> 'ended';

-- Notices: written once, and never changed. `body` is JSON.
CREATE TABLE notices (
    id TEXT PRIMARY KEY,
    receiver TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    body TEXT NOT NULL
) STRICT;

CREATE INDEX notices_by_time ON notices (created_at, id);

-- What became of each notice on each way: written after every try, and narrow. A state that is
-- neither `delivered` nor `rejected` is pending.
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

-- What is not to be told for a while. `body` is JSON and holds the times too.
CREATE TABLE silences (
    id TEXT PRIMARY KEY,
    ends_at INTEGER NOT NULL,
    body TEXT NOT NULL
) STRICT;

-- What was said that is about no incident: one row of JSON.
CREATE TABLE memo (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    body TEXT NOT NULL
) STRICT;
