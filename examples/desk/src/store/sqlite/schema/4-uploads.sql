-- Files that go up, and those that are there. The bytes are beside the database (see files.rs).

CREATE TABLE uploads (
  id        TEXT PRIMARY KEY,              -- made by the client
  conv      INTEGER NOT NULL REFERENCES conversations (num),
  visitor   TEXT NOT NULL,
  name      TEXT NOT NULL,
  mime      TEXT NOT NULL,
  size      INTEGER NOT NULL,
  width     INTEGER,
  height    INTEGER,
  sha256    BLOB,                          -- null until it is whole
  seq       INTEGER,                       -- the message that names it, if one does
  begun_at  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX uploads_by_visitor ON uploads (visitor);
CREATE INDEX uploads_by_message ON uploads (conv, seq);
CREATE INDEX uploads_by_content ON uploads (sha256) WHERE sha256 IS NOT NULL;
