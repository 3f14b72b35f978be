-- For a database that the very first server made: 001_initial.sql was changed on the same day. Tasks had no position then.
CREATE TABLE tasks_in_order (
    position   INTEGER NOT NULL PRIMARY KEY, -- given by SQLite, rising: one millisecond can hold several tasks
    uuid       BLOB    NOT NULL UNIQUE,
    task_name  TEXT    NOT NULL,
    completed  INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;

INSERT INTO tasks_in_order (uuid, task_name, completed, created_at, updated_at)
SELECT uuid, task_name, completed, created_at, updated_at FROM tasks ORDER BY created_at, uuid;

DROP TABLE tasks;
ALTER TABLE tasks_in_order RENAME TO tasks;
