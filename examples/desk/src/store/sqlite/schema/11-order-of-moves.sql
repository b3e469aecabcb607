-- Version 11: which conversation moved last, by count and not by the clock, which may have been wrong for a while:
-- a list of the newest must not leave out what came after it was set right.

ALTER TABLE conversations ADD COLUMN moved INTEGER NOT NULL DEFAULT 0;
UPDATE conversations SET moved = ranked.place
FROM (SELECT num, row_number() OVER (ORDER BY updated_at, num) AS place FROM conversations) AS ranked
WHERE ranked.num = conversations.num;
DROP INDEX conversations_by_update;
CREATE INDEX conversations_by_move ON conversations (moved);
