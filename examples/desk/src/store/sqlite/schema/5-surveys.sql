-- Version 5: definitions of surveys, and whole responses to them.

CREATE TABLE survey_definitions (
  site       TEXT NOT NULL,
  id         TEXT NOT NULL,
  version    INTEGER NOT NULL,
  definition TEXT NOT NULL,             -- JSON
  triggers   TEXT NOT NULL,             -- their types, parted and enclosed by spaces
  scale      INTEGER NOT NULL,          -- the highest point of the first rating; 0 where there is none
  active     INTEGER NOT NULL,
  saved_at   INTEGER NOT NULL,
  PRIMARY KEY (site, id, version)
) STRICT, WITHOUT ROWID;

-- `surveys` holds the invitations; what came of them, and of surveys that needed none, is here.
CREATE TABLE survey_responses (
  response_id    TEXT PRIMARY KEY,
  site           TEXT NOT NULL,
  visitor        TEXT NOT NULL,
  conv           INTEGER REFERENCES conversations (num),
  survey_id      TEXT NOT NULL,
  survey_version INTEGER NOT NULL,
  agent          TEXT,                  -- who is rated, frozen
  revision       INTEGER NOT NULL,
  rating         INTEGER,
  finished       INTEGER NOT NULL,
  dismissed      INTEGER NOT NULL,
  answered       INTEGER NOT NULL,
  language       TEXT NOT NULL,
  source         TEXT NOT NULL,
  shown_at       INTEGER NOT NULL,
  updated_at     INTEGER NOT NULL,
  seq            INTEGER NOT NULL,      -- the event of that revision; 0 where there is none
  digest         BLOB NOT NULL,
  body           TEXT NOT NULL          -- the newest revision, JSON
) STRICT, WITHOUT ROWID;

CREATE INDEX survey_responses_by_survey ON survey_responses (site, survey_id, shown_at);

INSERT INTO survey_responses
SELECT s.response_id, c.site, c.visitor, s.conv, s.survey_id, 1, s.agent, s.revision, s.rating, s.finished, 0,
  s.rating IS NOT NULL OR s.comment IS NOT NULL, c.locale, 'widget', s.invited_at, s.answered_at, s.seq, s.digest,
  json_object(
    'responseId', s.response_id, 'surveyId', s.survey_id, 'revision', s.revision, 'rating', s.rating,
    'comment', s.comment, 'finished', json(iif(s.finished, 'true', 'false')), 'surveyVersion', 1, 'scale', s.scale,
    'data', json_patch('{}', json_object('rating', s.rating, 'comment', s.comment)),
    'language', c.locale, 'source', 'widget', 'createdAt', s.invited_at, 'updatedAt', s.answered_at)
FROM surveys s JOIN conversations c ON c.num = s.conv
WHERE s.revision > 0;
