-- The keys in the order in which they were made: a clock that is set back must not make the old key the newest.
CREATE TABLE signing_keys_in_order (
    position   INTEGER NOT NULL PRIMARY KEY, -- given by SQLite, rising
    kid        TEXT    NOT NULL UNIQUE,
    key        BLOB    NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;

INSERT INTO signing_keys_in_order (kid, key, created_at)
SELECT kid, key, created_at FROM signing_keys ORDER BY created_at;

DROP TABLE signing_keys;
ALTER TABLE signing_keys_in_order RENAME TO signing_keys;
