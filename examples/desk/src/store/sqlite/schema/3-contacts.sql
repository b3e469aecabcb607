-- People whom a site's own back end has named. A visitor's id is either that of a row here, or one
-- that the desk made for somebody unknown; the two are never merged.

CREATE TABLE contacts (
  id      TEXT PRIMARY KEY,               -- the visitor's id at this desk
  site    TEXT NOT NULL,
  subject TEXT NOT NULL,                  -- as the site calls them
  name    TEXT NOT NULL,
  email   TEXT,
  seen_at INTEGER NOT NULL,               -- when they were named first
  UNIQUE (site, subject)
) STRICT, WITHOUT ROWID;
