-- Being a rehearsal is no row that can be written: the session says so, which has it from the name
-- of the ledger, and the event that opened the log says so. Else the row of the clock moves nothing.
CREATE FUNCTION ledger.is_rehearsal() RETURNS boolean
LANGUAGE sql VOLATILE AS $$
    SELECT CASE
        WHEN current_setting('siwen.rehearsal', true) IS DISTINCT FROM 'on' THEN false
        ELSE EXISTS (
            SELECT FROM ledger.event
            WHERE stream = 'ledger/log-1'
                AND version = 1
                AND body::jsonb @> '{"type": "log_opened", "data": {"rehearsal": true}}'
        )
    END
$$;

CREATE OR REPLACE FUNCTION ledger.now() RETURNS timestamptz
LANGUAGE sql VOLATILE AS $$
    SELECT CASE
        WHEN ledger.is_rehearsal()
        THEN coalesce((SELECT at FROM ledger.rehearsal_clock), clock_timestamp())
        ELSE clock_timestamp()
    END
$$;
