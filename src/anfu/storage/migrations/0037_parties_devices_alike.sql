-- How a device looked with a key that is only alike: kept beside the key, apart from the device,
-- until the key is bound. Who merely resembles a device does not change what it is known by.
ALTER TABLE parties.device_key
    ADD COLUMN traits    jsonb,
    ADD COLUMN blocks    text[],
    ADD COLUMN seen_at   timestamptz,
    ADD COLUMN latitude  double precision,
    ADD COLUMN longitude double precision,
    ADD CHECK ((traits IS NULL) = (seen_at IS NULL)),
    ADD CHECK ((latitude IS NULL) = (longitude IS NULL));
GRANT UPDATE (traits, blocks, seen_at, latitude, longitude) ON parties.device_key TO anfu_app;
