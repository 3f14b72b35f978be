-- A message is first written down behind the one before it, whatever their conversations: a commit then writes a few full pages,
-- and not one or two for each message. From there the messages of a conversation move to their place together.
ALTER TABLE messages RENAME TO settled_messages;

CREATE TABLE recent_messages (
    position          INTEGER NOT NULL PRIMARY KEY, -- given by SQLite, rising
    conversation_id   BLOB    NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
    seq               INTEGER NOT NULL,
    id                BLOB    NOT NULL,
    sender_id         BLOB    NOT NULL,
    content           TEXT    NOT NULL,
    message_type      TEXT    NOT NULL,
    client_message_id TEXT,
    created_at        INTEGER NOT NULL
) STRICT;

CREATE UNIQUE INDEX recent_messages_by_seq ON recent_messages (conversation_id, seq);

CREATE UNIQUE INDEX recent_messages_by_client_message_id
    ON recent_messages (conversation_id, sender_id, client_message_id) WHERE client_message_id IS NOT NULL;

-- All of them.
CREATE VIEW messages AS
SELECT conversation_id, seq, id, sender_id, content, message_type, client_message_id, created_at FROM settled_messages
UNION ALL
SELECT conversation_id, seq, id, sender_id, content, message_type, client_message_id, created_at FROM recent_messages;
