-- Version 8: what a visitor was asked, on any device.

CREATE INDEX survey_responses_by_visitor ON survey_responses (visitor, survey_id);
