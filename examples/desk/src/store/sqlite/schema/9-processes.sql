-- Version 9: several processes on this file.

-- Those that have sessions. Each holds the lock of a file under its name for as long as it lives.
CREATE TABLE processes (
  id TEXT PRIMARY KEY
) STRICT, WITHOUT ROWID;

-- Who has a console at which.
CREATE TABLE consoles (
  process TEXT NOT NULL REFERENCES processes (id) ON DELETE CASCADE,
  agent   TEXT NOT NULL,
  is_bot  INTEGER NOT NULL,
  PRIMARY KEY (process, agent)
) STRICT, WITHOUT ROWID;

-- What the sessions of other processes are to be told of: where it is, never what it says. Only written while
-- there are others; the newest are kept.
CREATE TABLE news (
  num     INTEGER PRIMARY KEY,
  process TEXT NOT NULL,
  hint    TEXT NOT NULL                 -- JSON
) STRICT;
