-- Version 6: the team of an agent, frozen with who is rated.

ALTER TABLE agents ADD COLUMN team TEXT NOT NULL DEFAULT '';            -- empty: none
ALTER TABLE surveys ADD COLUMN team TEXT NOT NULL DEFAULT '';           -- of the agent, at the invitation
ALTER TABLE survey_responses ADD COLUMN team TEXT NOT NULL DEFAULT '';
