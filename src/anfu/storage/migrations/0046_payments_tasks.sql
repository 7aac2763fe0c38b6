-- Tasks (待办事项): what a person has to see to, and by when.
CREATE TABLE payments.task (
    id           text COLLATE "C" PRIMARY KEY,
    kind         text NOT NULL,
    subject      text COLLATE "C" NOT NULL,
    detail       jsonb NOT NULL,
    opened_at    timestamptz NOT NULL,
    due_at       timestamptz NOT NULL,
    escalated_at timestamptz,
    done_at      timestamptz,
    done_by      text COLLATE "C",
    note         text,
    CHECK ((done_at IS NULL) = (done_by IS NULL)),
    CHECK (done_at IS NOT NULL OR note IS NULL)
);
-- One open task of a kind for each subject, however often its reason is seen.
CREATE UNIQUE INDEX task_open ON payments.task (kind, subject) WHERE done_at IS NULL;
CREATE INDEX task_due ON payments.task (due_at) WHERE done_at IS NULL AND escalated_at IS NULL;
GRANT SELECT, INSERT ON payments.task TO anfu_app;
GRANT UPDATE (escalated_at, done_at, done_by, note) ON payments.task TO anfu_app;
