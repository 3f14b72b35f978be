-- Ids are the 16 bytes of a uuid (version 7, big endian: they sort by time). Times are Unix milliseconds (UTC).

CREATE TABLE users (
    id            BLOB    NOT NULL PRIMARY KEY,
    username      TEXT    NOT NULL,
    username_key  TEXT    NOT NULL UNIQUE, -- case-folded: usernames are unique without regard to case
    email         TEXT    NOT NULL,
    email_key     TEXT    NOT NULL UNIQUE, -- case-folded
    password_hash TEXT    NOT NULL,
    created_at    INTEGER NOT NULL,
    disabled_at   INTEGER,
    display_name  TEXT -- what others see instead of the username
) STRICT, WITHOUT ROWID;

-- By what a user is found: the username and each word of the display name with what follows it, as people type them, without
-- case, accents and strokes.
CREATE TABLE user_search (
    search_key TEXT NOT NULL,
    user_id    BLOB NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    PRIMARY KEY (search_key, user_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX user_search_by_user ON user_search (user_id);

-- The keys that sign tokens, in the order in which they were made. The newest signs; the one before it still verifies. Ordered by
-- position: with times, a clock that is set back would make an old key the newest.
CREATE TABLE signing_keys (
    position   INTEGER NOT NULL PRIMARY KEY, -- assigned by SQLite, ascending
    kid        TEXT    NOT NULL UNIQUE,
    key        BLOB    NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;

-- A login: a client, with the tokens that it has renewed.
CREATE TABLE sessions (
    id           BLOB    NOT NULL PRIMARY KEY,
    user_id      BLOB    NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    created_at   INTEGER NOT NULL,
    expires_at   INTEGER NOT NULL, -- of the token that expires last
    last_seen_at INTEGER NOT NULL, -- to about a minute
    address      TEXT,             -- of the login or the last renewal; of IPv6 the network
    user_agent   TEXT
) STRICT, WITHOUT ROWID;

CREATE INDEX sessions_by_user ON sessions (user_id);
CREATE INDEX sessions_by_expiry ON sessions (expires_at);

-- The valid tokens: a token without a row is refused.
CREATE TABLE tokens (
    id         BLOB    NOT NULL PRIMARY KEY, -- the token's jti
    session_id BLOB    NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
    user_id    BLOB    NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    kid        TEXT    NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX tokens_by_session ON tokens (session_id);
CREATE INDEX tokens_by_user ON tokens (user_id);

-- Tokens that ended before they expired. A server polls for rows after the last position that it has read, and closes their
-- connections. AUTOINCREMENT: the position of a deleted row is not used again.
CREATE TABLE ended_tokens (
    position INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    token_id BLOB    NOT NULL,
    user_id  BLOB    NOT NULL,
    reason   TEXT    NOT NULL CHECK (reason IN ('ended', 'disabled')),
    ended_at INTEGER NOT NULL
) STRICT;

CREATE INDEX ended_tokens_by_time ON ended_tokens (ended_at);

-- A ticket replaces the token in the URL of one handshake.
CREATE TABLE tickets (
    hash       BLOB    NOT NULL PRIMARY KEY, -- SHA-256 of the ticket: a stolen database opens no connection
    token_id   BLOB    NOT NULL REFERENCES tokens (id) ON DELETE CASCADE,
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX tickets_by_token ON tickets (token_id);
CREATE INDEX tickets_by_expiry ON tickets (expires_at);

-- Invitations to register, where the server asks for one.
CREATE TABLE invitations (
    id         INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, -- what the operator calls it by
    hash       BLOB    NOT NULL UNIQUE, -- SHA-256 of the invitation: a stolen database registers no one
    uses       INTEGER NOT NULL, -- how many accounts it is good for
    used       INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT;

CREATE TABLE tasks (
    position   INTEGER NOT NULL PRIMARY KEY, -- assigned by SQLite, ascending: several tasks can have the same time
    uuid       BLOB    NOT NULL UNIQUE,
    task_name  TEXT    NOT NULL,
    completed  INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    created_by BLOB REFERENCES users (id) ON DELETE SET NULL -- for the limit of tasks per user
) STRICT;

CREATE INDEX tasks_by_creator ON tasks (created_by);

CREATE TABLE conversations (
    id                 BLOB    NOT NULL PRIMARY KEY,
    conversation_type  TEXT    NOT NULL CHECK (conversation_type IN ('direct', 'group')),
    name               TEXT,
    direct_key         BLOB    UNIQUE, -- both members' ids, sorted: two users have at most one direct conversation
    last_seq           INTEGER NOT NULL, -- of the newest event
    message_count      INTEGER NOT NULL,
    created_at         INTEGER NOT NULL,
    updated_at         INTEGER NOT NULL,
    opened_by          BLOB REFERENCES users (id) ON DELETE SET NULL, -- for the limit per user; NULL when it has no members
    membership_version INTEGER NOT NULL DEFAULT 0, -- counts removals: a server that shares the database detects a missed one
    member_count       INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX conversations_by_opener ON conversations (opened_by);

CREATE TABLE participants (
    conversation_id BLOB    NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
    user_id         BLOB    NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    role            TEXT    NOT NULL CHECK (role IN ('owner', 'member')),
    joined_at       INTEGER NOT NULL,
    refusal         TEXT    CHECK (refusal IN ('blocked', 'recipient_deleted')), -- why the member may not send to a direct conversation
    last_read_seq   INTEGER NOT NULL, -- the newest event that the member has read
    read_number     INTEGER NOT NULL, -- the messages up to it
    PRIMARY KEY (conversation_id, user_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX participants_by_user ON participants (user_id, conversation_id);

-- The owner, and those who joined first: a conversation carries them.
CREATE INDEX participants_by_joining ON participants (conversation_id, role, joined_at, user_id);

-- Who left a group or was removed from it: only its owner may add them again.
CREATE TABLE departures (
    conversation_id BLOB NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
    user_id         BLOB NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    PRIMARY KEY (conversation_id, user_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX departures_by_user ON departures (user_id);

-- Who takes no direct messages from whom.
CREATE TABLE blocks (
    user_id    BLOB    NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    blocked_id BLOB    NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (user_id, blocked_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX blocks_by_blocked ON blocks (blocked_id);

-- New messages of all conversations in the order of their commits: a commit appends to a few pages, instead of changing one or
-- two pages per message. The server has them in memory, so that there is no index. They settle, many of one conversation at once.
CREATE TABLE recent_messages (
    position          INTEGER NOT NULL PRIMARY KEY, -- ascending
    conversation_id   BLOB    NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
    seq               INTEGER NOT NULL,
    number            INTEGER NOT NULL, -- from 1, dense over the messages of the conversation
    id                BLOB    NOT NULL, -- its first 48 bits are created_at
    sender_id         BLOB    NOT NULL,
    content           TEXT    NOT NULL,
    client_message_id TEXT,
    created_at        INTEGER NOT NULL,
    reply_to          BLOB,    -- the id of the message that it answers
    reply_to_seq      INTEGER,
    mentions          BLOB,    -- ids of users
    updated_seq       INTEGER, -- of the newest event that has changed it
    edited_at         INTEGER,
    deleted_at        INTEGER
) STRICT;

-- Clustered by conversation and seq: a page of history reads neighbours, and costs the same at any depth.
CREATE TABLE settled_messages (
    conversation_id   BLOB    NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
    seq               INTEGER NOT NULL,
    number            INTEGER NOT NULL, -- from 1, dense over the messages of the conversation
    id                BLOB    NOT NULL, -- its first 48 bits are created_at
    sender_id         BLOB    NOT NULL,
    content           TEXT    NOT NULL,
    client_message_id TEXT,
    created_at        INTEGER NOT NULL,
    reply_to          BLOB,    -- the id of the message that it answers
    reply_to_seq      INTEGER,
    mentions          BLOB,    -- ids of users
    updated_seq       INTEGER, -- of the newest event that has changed it
    edited_at         INTEGER,
    deleted_at        INTEGER,
    PRIMARY KEY (conversation_id, seq)
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX messages_by_client_message_id
    ON settled_messages (conversation_id, sender_id, client_message_id) WHERE client_message_id IS NOT NULL;

CREATE VIEW messages AS
SELECT
    conversation_id, seq, number, id, sender_id, content, client_message_id, created_at, reply_to, reply_to_seq, mentions,
    updated_seq, edited_at, deleted_at
FROM settled_messages
UNION ALL
SELECT
    conversation_id, seq, number, id, sender_id, content, client_message_id, created_at, reply_to, reply_to_seq, mentions,
    updated_seq, edited_at, deleted_at
FROM recent_messages;

-- The events of conversations that are no messages. They share the seqs with the messages.
CREATE TABLE events (
    conversation_id BLOB    NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
    seq             INTEGER NOT NULL,
    event_type      TEXT    NOT NULL,
    actor_id        BLOB    NOT NULL, -- who caused it
    message_id      BLOB,             -- the message that it is about
    message_seq     INTEGER,
    user_id         BLOB,             -- the user who was added or removed
    content         TEXT,             -- an emoji, or the name of the group; NULL when the message was deleted
    created_at      INTEGER NOT NULL,
    PRIMARY KEY (conversation_id, seq)
) STRICT, WITHOUT ROWID;

CREATE INDEX events_by_message ON events (conversation_id, message_seq) WHERE message_seq IS NOT NULL;

-- The messages that mention a member. Those that the member has read may be missing.
CREATE TABLE unread_mentions (
    conversation_id BLOB    NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
    user_id         BLOB    NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    message_seq     INTEGER NOT NULL,
    PRIMARY KEY (conversation_id, user_id, message_seq)
) STRICT, WITHOUT ROWID;

CREATE INDEX unread_mentions_by_user ON unread_mentions (user_id);

-- The reactions that messages have now.
CREATE TABLE reactions (
    conversation_id BLOB    NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
    message_seq     INTEGER NOT NULL,
    emoji           TEXT    NOT NULL,
    user_id         BLOB    NOT NULL,
    seq             INTEGER NOT NULL, -- of the event that added it
    first_seq       INTEGER NOT NULL, -- of the event that added the emoji, which stands in the order of first use
    PRIMARY KEY (conversation_id, message_seq, emoji, user_id)
) STRICT, WITHOUT ROWID;

-- The readiness check updates the row to find out whether the database accepts writes.
CREATE TABLE health (
    id         INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
    checked_at INTEGER NOT NULL
) STRICT;

INSERT INTO health (id, checked_at) VALUES (1, 0);

-- Clients discard what they know when the epoch changes. A restored database gets a new one, because it assigns seqs again that
-- were assigned after the backup. A server that finds no row inserts one.
CREATE TABLE epoch (
    id    INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
    value TEXT    NOT NULL
) STRICT;
