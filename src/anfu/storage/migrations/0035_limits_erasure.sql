-- What a person agreed to, and orders on its account, are deleted when no law keeps them any more.
GRANT DELETE ON limits.agreed_limit TO anfu_app;
GRANT DELETE ON limits.stop_order TO anfu_app;
