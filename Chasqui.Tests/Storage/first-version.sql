-- What the first version of all left behind, as SQLite's .dump writes it: its tables, two people, two tasks, two conversations.
PRAGMA foreign_keys=OFF;
BEGIN TRANSACTION;
CREATE TABLE conversations (
    id                BLOB    NOT NULL PRIMARY KEY,
    conversation_type TEXT    NOT NULL CHECK (conversation_type IN ('direct', 'group')),
    name              TEXT,
    direct_key        BLOB    UNIQUE, -- both members' ids, sorted; what makes a direct conversation the only one
    last_seq          INTEGER NOT NULL,
    created_at        INTEGER NOT NULL,
    updated_at        INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO "conversations" VALUES(X'01A2135B18CB7C718827036CA3DD6297','group','Old friends',NULL,2,1795621066955,1795621067114);
INSERT INTO "conversations" VALUES(X'01A2135B192370CF8F8B25A85713C2D3','direct',NULL,X'01A2135B1564735799101F570409C41B01A2135B163978D6BFD71AA5B5F5C5C1',1,1795621067043,1795621067132);
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
INSERT INTO "messages" VALUES(X'01A2135B18CB7C718827036CA3DD6297',1,X'01A2135B1945776B93C702E865A4A53C',X'01A2135B1564735799101F570409C41B','one','text','c1',1795621067077);
INSERT INTO "messages" VALUES(X'01A2135B18CB7C718827036CA3DD6297',2,X'01A2135B196A709C90C84A138E1AF5A3',X'01A2135B163978D6BFD71AA5B5F5C5C1','two','text',NULL,1795621067114);
INSERT INTO "messages" VALUES(X'01A2135B192370CF8F8B25A85713C2D3',1,X'01A2135B197D775CB1FB01F1F6339299',X'01A2135B1564735799101F570409C41B','Hello Bob 👋','text',NULL,1795621067132);
CREATE TABLE participants (
    conversation_id BLOB    NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
    user_id         BLOB    NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    role            TEXT    NOT NULL CHECK (role IN ('owner', 'member')),
    joined_at       INTEGER NOT NULL,
    PRIMARY KEY (conversation_id, user_id)
) STRICT, WITHOUT ROWID;
INSERT INTO "participants" VALUES(X'01A2135B18CB7C718827036CA3DD6297',X'01A2135B1564735799101F570409C41B','owner',1795621066955);
INSERT INTO "participants" VALUES(X'01A2135B18CB7C718827036CA3DD6297',X'01A2135B163978D6BFD71AA5B5F5C5C1','member',1795621066955);
INSERT INTO "participants" VALUES(X'01A2135B192370CF8F8B25A85713C2D3',X'01A2135B1564735799101F570409C41B','member',1795621067043);
INSERT INTO "participants" VALUES(X'01A2135B192370CF8F8B25A85713C2D3',X'01A2135B163978D6BFD71AA5B5F5C5C1','member',1795621067043);
CREATE TABLE schema_migrations (
    script     TEXT    NOT NULL PRIMARY KEY,
    checksum   TEXT    NOT NULL,
    applied_at INTEGER NOT NULL
) STRICT;
INSERT INTO "schema_migrations" VALUES('001_initial.sql','a6db519e612c0744f1658b11e20bad2ce6e97824c8a794736caafd097966cbc3',1795621065097);
CREATE TABLE tasks (
    uuid       BLOB    NOT NULL PRIMARY KEY,
    task_name  TEXT    NOT NULL,
    completed  INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO "tasks" VALUES(X'01A2135B183976B5B149923A968BC81F','Write the minutes',0,1795621066809,1795621066809);
INSERT INTO "tasks" VALUES(X'01A2135B1866739BAB4545A8F1EF561E','Keep everything',1,1795621066854,1795621066903);
CREATE TABLE users (
    id            BLOB    NOT NULL PRIMARY KEY,
    username      TEXT    NOT NULL,
    username_key  TEXT    NOT NULL UNIQUE, -- folded: unique without regard to case
    email         TEXT    NOT NULL,
    email_key     TEXT    NOT NULL UNIQUE,
    password_hash TEXT    NOT NULL,
    created_at    INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO "users" VALUES(X'01A2135B1564735799101F570409C41B','Ada','ada','ada@example.org','ada@example.org','$2a$11$u9.iH08731H6SXVhOZ8dvePyXfgbw9k4wBImk2onVP.sEyTzcI0fu',1795621066084);
INSERT INTO "users" VALUES(X'01A2135B163978D6BFD71AA5B5F5C5C1','Bob','bob','bob@example.org','bob@example.org','$2a$11$rEG48PyxQS5CRfxivXGmQOr33B6/NKO0rytm0ow6mmUz6SYDKZIgm',1795621066297);
CREATE INDEX participants_by_user ON participants (user_id, conversation_id);
CREATE UNIQUE INDEX messages_by_client_message_id
    ON messages (conversation_id, sender_id, client_message_id) WHERE client_message_id IS NOT NULL;
COMMIT;
