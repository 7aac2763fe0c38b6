-- What became of an event, at each of its endpoints.
CREATE INDEX delivery_event ON storage.delivery (event_id);
