-- How dangerous a decision found its event, and what was watched beside it without acting: rules in
-- shadow, scores of challengers, as canonical JSON.
ALTER TABLE risk.decision
    ADD COLUMN grade text NOT NULL DEFAULT 'LOW'
        CHECK (grade IN ('LOW', 'MIDDLE', 'GENERAL', 'HIGH')),
    ADD COLUMN beside text;
ALTER TABLE risk.decision ALTER COLUMN grade DROP DEFAULT;
