-- How far the test clock stands ahead of the machines' clocks: one row, read by every process.
CREATE TABLE storage.test_clock (
    one   boolean PRIMARY KEY DEFAULT true CHECK (one),
    ahead interval NOT NULL DEFAULT interval '0' CHECK (ahead >= interval '0')
);
INSERT INTO storage.test_clock DEFAULT VALUES;
GRANT SELECT ON storage.test_clock TO anfu_app;
GRANT UPDATE (ahead) ON storage.test_clock TO anfu_app;
