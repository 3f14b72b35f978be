-- The keys that tokens are signed with, by the token's kid. The newest signs, the one before it still verifies.
CREATE TABLE signing_keys (
    kid        TEXT    NOT NULL PRIMARY KEY,
    key        BLOB    NOT NULL,
    created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- The tokens that are good: a token whose row is gone is refused.
CREATE TABLE tokens (
    id         BLOB    NOT NULL PRIMARY KEY, -- the token's jti
    user_id    BLOB    NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    kid        TEXT    NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX tokens_by_user ON tokens (user_id);
CREATE INDEX tokens_by_expiry ON tokens (expires_at);

-- Tokens that were ended before their time, in that order: every server reads on from where it was, and closes their sockets.
CREATE TABLE ended_tokens (
    position INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    token_id BLOB    NOT NULL,
    user_id  BLOB    NOT NULL,
    reason   TEXT    NOT NULL CHECK (reason IN ('ended', 'disabled')),
    ended_at INTEGER NOT NULL
) STRICT;

CREATE INDEX ended_tokens_by_time ON ended_tokens (ended_at);

-- What may stand in the address of one handshake in the place of a token.
CREATE TABLE tickets (
    hash       BLOB    NOT NULL PRIMARY KEY, -- SHA-256 of the ticket: what is in the database opens no socket
    token_id   BLOB    NOT NULL REFERENCES tokens (id) ON DELETE CASCADE,
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX tickets_by_token ON tickets (token_id);
CREATE INDEX tickets_by_expiry ON tickets (expires_at);

ALTER TABLE users ADD COLUMN disabled_at INTEGER;
ALTER TABLE users ADD COLUMN search_key TEXT; -- the username without case and accents; the server fills it in

CREATE INDEX users_by_search_key ON users (search_key);
