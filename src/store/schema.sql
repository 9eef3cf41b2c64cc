-- The state file as it is made new. Times are whole microseconds since 1970, UTC.
-- A change of this file is a new version: see `schema.rs`.

-- Names to numbers, so that everything else is narrow.
CREATE TABLE checks (
    id INTEGER PRIMARY KEY,
    endpoint TEXT NOT NULL,
    name TEXT NOT NULL,
    UNIQUE (endpoint, name)
) STRICT;

-- What each check last came to: written where it changed. `last` and `good` are JSON;
-- `definition` is an unsigned number's 64 bits.
CREATE TABLE saved (
    check_id INTEGER PRIMARY KEY REFERENCES checks (id),
    definition INTEGER NOT NULL,
    last TEXT,
    good TEXT,
    held_until INTEGER,
    held_why TEXT,
    history TEXT NOT NULL,
    holder_body BLOB
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
