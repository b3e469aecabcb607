-- Files that agents send. `visitor` is whose conversation it is in: they may read it.

ALTER TABLE uploads ADD COLUMN agent TEXT;   -- who sends it; null: the visitor
CREATE INDEX uploads_by_agent ON uploads (agent) WHERE agent IS NOT NULL;
