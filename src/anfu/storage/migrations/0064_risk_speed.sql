-- Few decisions say otherwise than ALLOW: they are found without walking through all.
CREATE INDEX decision_outcome ON risk.decision (outcome, id) WHERE outcome <> 'ALLOW';

-- How the cases of a period were answered, from the index alone.
DROP INDEX risk.case_opened;
CREATE INDEX case_opened ON risk.case (opened_at) INCLUDE (due_at, responded_at);
