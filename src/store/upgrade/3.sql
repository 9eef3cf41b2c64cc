-- From version 2: what is counted of accounts, and from where a hold doubles.

CREATE TABLE saved_with_span (
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

INSERT INTO saved_with_span
    (check_id, definition, last, good, held_until, held_why, history, holder_body, baseline)
SELECT check_id, definition, last, good, held_until, held_why, history, holder_body, baseline FROM saved;

DROP TABLE saved;

ALTER TABLE saved_with_span RENAME TO saved;

CREATE TABLE accounts (
    name TEXT PRIMARY KEY,
    latest_at INTEGER NOT NULL,
    rejected_at TEXT NOT NULL,
    is_counted_out INTEGER NOT NULL,
    wronged_at INTEGER
) STRICT, WITHOUT ROWID;
