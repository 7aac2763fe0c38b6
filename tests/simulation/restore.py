"""`city.restore()`: a database as it was before anybody lived in it."""

# What a life leaves behind is everything but parties and rules: put back as the city began. Most
# tables began empty and are so still: there a look is cheaper than a DELETE.
RESTORE = """
CREATE SCHEMA city;
DO $$
DECLARE
    place text;
    work text := '';
    named text;
    columns text;
    kept boolean;
    number int := 0;
BEGIN
    FOR place IN
        SELECT format('%I.%I', schemaname, tablename) FROM pg_tables
        WHERE schemaname NOT IN ('pg_catalog', 'information_schema', 'parties', 'city')
          AND tablename NOT IN ('migration', 'catalogue', 'rule_set', 'rule_move', 'rule_set_step')
        ORDER BY 1
    LOOP
        work := work || format('IF EXISTS (SELECT FROM %s) THEN DELETE FROM %s; END IF; ',
                               place, place);
        EXECUTE format('SELECT EXISTS (SELECT FROM %s)', place) INTO kept;
        CONTINUE WHEN NOT kept;
        number := number + 1;
        named := 'city.kept_' || number;
        EXECUTE format('CREATE TABLE %s AS TABLE %s', named, place);
        SELECT string_agg(quote_ident(attname), ', ') INTO columns FROM pg_attribute
        WHERE attrelid = place::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = '';
        work := work || format('INSERT INTO %s (%s) OVERRIDING SYSTEM VALUE SELECT %s FROM %s; ',
                               place, columns, columns, named);
    END LOOP;
    EXECUTE format('CREATE FUNCTION city.restore() RETURNS void LANGUAGE plpgsql'
                   ' SET session_replication_role = replica AS %L',
                   'BEGIN ' || work || ' END');
END $$;
"""
