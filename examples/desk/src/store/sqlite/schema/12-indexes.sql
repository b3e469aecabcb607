-- Version 12: what is asked of tables that only grow is found, not searched for.

DROP INDEX conversations_with_ticket;
CREATE INDEX conversations_with_open_ticket ON conversations (moved)
  WHERE ticket IS NOT NULL AND state NOT IN ('resolved', 'closed');

-- The newest of a kind that others may have buried.
CREATE INDEX events_of_kind ON events (conv, kind, seq) WHERE kind IN ('state', 'assignment');

CREATE INDEX uploads_unnamed ON uploads (begun_at) WHERE seq IS NULL;
