-- Who waits, since when; and participants that are programs.

ALTER TABLE conversations ADD COLUMN waiting_since INTEGER;   -- null: nobody waits for an agent
UPDATE conversations SET waiting_since = updated_at WHERE state IN ('queued', 'reopened');
CREATE INDEX conversations_waiting ON conversations (site, waiting_since, num)
  WHERE waiting_since IS NOT NULL;

CREATE TABLE bots (
  id         TEXT PRIMARY KEY,
  name       TEXT NOT NULL,
  token      BLOB NOT NULL UNIQUE,        -- SHA-256 of the token
  created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
