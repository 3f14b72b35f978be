-- Who added a task and who opened a conversation, to limit how many one user can; nobody knows of those that are older.
ALTER TABLE tasks ADD COLUMN created_by BLOB REFERENCES users (id) ON DELETE SET NULL;
ALTER TABLE conversations ADD COLUMN opened_by BLOB REFERENCES users (id) ON DELETE SET NULL; -- NULL once nobody is in it

CREATE INDEX tasks_by_creator ON tasks (created_by);
CREATE INDEX conversations_by_opener ON conversations (opened_by);
