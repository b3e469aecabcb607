-- Version 1. Later versions only add (see migrate.rs).

CREATE TABLE meta (
  key   TEXT PRIMARY KEY,
  value BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE agents (
  id         TEXT PRIMARY KEY,
  email      TEXT NOT NULL UNIQUE COLLATE NOCASE,
  name       TEXT NOT NULL,
  avatar     TEXT,
  password   TEXT NOT NULL,             -- argon2id, PHC form
  created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE agent_sessions (
  token      BLOB PRIMARY KEY,          -- SHA-256 of the token
  agent      TEXT NOT NULL REFERENCES agents (id),
  expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE conversations (
  num               INTEGER PRIMARY KEY,
  id                TEXT NOT NULL UNIQUE,  -- made by the client
  visitor           TEXT NOT NULL,
  site              TEXT NOT NULL,
  epoch             TEXT NOT NULL,
  page              TEXT NOT NULL,
  locale            TEXT NOT NULL,
  state             TEXT NOT NULL,
  assignee          TEXT REFERENCES agents (id),
  top               INTEGER NOT NULL,      -- highest seq
  cycle             INTEGER NOT NULL,      -- times resolved
  visitor_delivered INTEGER NOT NULL,
  visitor_read      INTEGER NOT NULL,
  agent_delivered   INTEGER NOT NULL,
  agent_read        INTEGER NOT NULL,
  unread            INTEGER NOT NULL,      -- visitor's messages after agent_read
  preview           TEXT NOT NULL,
  rated             TEXT,                  -- surveys.response_id of the newest rating
  created_at        INTEGER NOT NULL,
  updated_at        INTEGER NOT NULL
) STRICT;

CREATE INDEX conversations_by_visitor ON conversations (visitor, site, num);
CREATE INDEX conversations_by_update ON conversations (updated_at);

CREATE TABLE participants (
  conv INTEGER NOT NULL REFERENCES conversations (num),
  role TEXT NOT NULL,
  id   TEXT NOT NULL,
  PRIMARY KEY (conv, role, id)
) STRICT, WITHOUT ROWID;

-- The log. A row never changes, but for what is said in it: edits and redactions.
CREATE TABLE events (
  conv   INTEGER NOT NULL REFERENCES conversations (num),
  seq    INTEGER NOT NULL,
  ts     INTEGER NOT NULL,
  role   TEXT NOT NULL,
  author TEXT NOT NULL,
  cmid   TEXT,
  digest BLOB,                           -- of what the command asked
  kind   TEXT NOT NULL,
  body   TEXT NOT NULL,                  -- JSON
  PRIMARY KEY (conv, seq)
) STRICT, WITHOUT ROWID;

-- Deduplication, for the life of the conversation.
CREATE UNIQUE INDEX events_by_cmid ON events (conv, role, author, cmid) WHERE cmid IS NOT NULL;

CREATE TABLE surveys (
  response_id TEXT PRIMARY KEY,
  conv        INTEGER NOT NULL REFERENCES conversations (num),
  survey_id   TEXT NOT NULL,
  scale       INTEGER NOT NULL,
  agent       TEXT,                      -- who is rated, frozen
  cycle       INTEGER NOT NULL,
  invited_at  INTEGER NOT NULL,
  revision    INTEGER NOT NULL DEFAULT 0,
  rating      INTEGER,
  comment     TEXT,
  finished    INTEGER NOT NULL DEFAULT 0,
  seq         INTEGER,                   -- the event of that revision
  answered_at INTEGER,
  digest      BLOB
) STRICT, WITHOUT ROWID;

CREATE INDEX surveys_by_conversation ON surveys (conv, cycle);

CREATE TABLE feedback (
  visitor TEXT NOT NULL,
  cmid    TEXT NOT NULL,
  site    TEXT NOT NULL,
  article TEXT NOT NULL,
  helpful INTEGER NOT NULL,
  query   TEXT NOT NULL,
  digest  BLOB NOT NULL,
  ts      INTEGER NOT NULL,
  PRIMARY KEY (visitor, cmid)
) STRICT, WITHOUT ROWID;

CREATE INDEX feedback_by_article ON feedback (site, article);
