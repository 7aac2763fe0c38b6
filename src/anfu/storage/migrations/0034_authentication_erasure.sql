-- What a person proves with is deleted when it asks to be forgotten: no law keeps it.
GRANT DELETE ON authentication.factor TO anfu_app;
