-- Ids are the 16 bytes of a uuid (version 7, big endian, so they sort by time); times are milliseconds since 1970 in UTC.

CREATE TABLE users (
    id            BLOB    NOT NULL PRIMARY KEY,
    username      TEXT    NOT NULL,
    username_key  TEXT    NOT NULL UNIQUE, -- folded: unique without regard to case
    email         TEXT    NOT NULL,
    email_key     TEXT    NOT NULL UNIQUE,
    password_hash TEXT    NOT NULL,
    created_at    INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE tasks (
    position   INTEGER NOT NULL PRIMARY KEY, -- given by SQLite, rising: one millisecond can hold several tasks
    uuid       BLOB    NOT NULL UNIQUE,
    task_name  TEXT    NOT NULL,
    completed  INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;

CREATE TABLE conversations (
    id                BLOB    NOT NULL PRIMARY KEY,
    conversation_type TEXT    NOT NULL CHECK (conversation_type IN ('direct', 'group')),
    name              TEXT,
    direct_key        BLOB    UNIQUE, -- both members' ids, sorted; what makes a direct conversation the only one
    last_seq          INTEGER NOT NULL,
    created_at        INTEGER NOT NULL,
    updated_at        INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE participants (
    conversation_id BLOB    NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
    user_id         BLOB    NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    role            TEXT    NOT NULL CHECK (role IN ('owner', 'member')),
    joined_at       INTEGER NOT NULL,
    PRIMARY KEY (conversation_id, user_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX participants_by_user ON participants (user_id, conversation_id);

-- Clustered by conversation and seq: one page holds neighbours, and a page of history costs the same at any depth.
CREATE TABLE messages (
    conversation_id   BLOB    NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
    seq               INTEGER NOT NULL,
    id                BLOB    NOT NULL,
    sender_id         BLOB    NOT NULL,
    content           TEXT    NOT NULL,
    message_type      TEXT    NOT NULL,
    client_message_id TEXT,
    created_at        INTEGER NOT NULL,
    PRIMARY KEY (conversation_id, seq)
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX messages_by_client_message_id
    ON messages (conversation_id, sender_id, client_message_id) WHERE client_message_id IS NOT NULL;
