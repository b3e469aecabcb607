-- Version 10: messages that are to be answered elsewhere. The address stands in the message alone, and goes with it.

CREATE TABLE tickets (
  site   TEXT NOT NULL,
  number INTEGER NOT NULL,                -- dense per site, from 1
  conv   INTEGER NOT NULL REFERENCES conversations (num),
  seq    INTEGER NOT NULL,                -- the message
  PRIMARY KEY (site, number)
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX tickets_by_message ON tickets (conv, seq);

ALTER TABLE conversations ADD COLUMN ticket INTEGER;          -- the newest in it
CREATE INDEX conversations_with_ticket ON conversations (updated_at) WHERE ticket IS NOT NULL;
