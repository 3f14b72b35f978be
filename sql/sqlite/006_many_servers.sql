-- How often somebody was taken out of a conversation: where several servers share a database, each sees by it that it has
-- missed one.
ALTER TABLE conversations ADD COLUMN membership_version INTEGER NOT NULL DEFAULT 0;

-- Whether the database takes writes, as a server's readiness asks.
CREATE TABLE health (
    id         INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
    checked_at INTEGER NOT NULL
) STRICT;

INSERT INTO health (id, checked_at) VALUES (1, 0);
