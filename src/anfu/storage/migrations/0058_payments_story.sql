-- What is to be seen to about one object. Tasks are exceptions: few payments ever have one.
CREATE INDEX task_subject ON payments.task (subject);
