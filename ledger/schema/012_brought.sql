-- Which command brought which words and files into the vault: an append takes from here what its
-- events name. A row goes with the append, with the refusal, or with the erasure of the value.
CREATE TABLE vault.brought (
    command_id text COLLATE "C" NOT NULL,
    stream     text COLLATE "C" NOT NULL,
    digest     text COLLATE "C" NOT NULL,
    PRIMARY KEY (command_id, stream, digest)
);
CREATE INDEX brought_digest ON vault.brought (digest);
GRANT SELECT, INSERT, DELETE ON vault.brought TO siwen_app;

-- Let a command name what it brought, and nothing else: in the statement that appends, so that an
-- erasure either comes before it and is seen here, or waits for its end.
-- Raises SW422, with the first such digest as its detail, for what it did not bring or what is not
-- kept any more.
CREATE FUNCTION ledger.take_brought(c_id text, c_stream text, c_named text[]) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    strange text;
BEGIN
    WITH taken AS (
        DELETE FROM vault.brought
        WHERE command_id = c_id AND stream = c_stream AND digest = ANY(c_named)
        RETURNING digest
    )
    SELECT n.digest INTO strange
    FROM unnest(c_named) AS n (digest)
    WHERE n.digest NOT IN (SELECT t.digest FROM taken AS t)
        OR NOT EXISTS (SELECT FROM vault.disclosure AS d WHERE d.digest = n.digest)
        AND NOT EXISTS (SELECT FROM vault.evidence AS e WHERE e.digest = n.digest)
    LIMIT 1;
    IF strange IS NOT NULL THEN
        RAISE EXCEPTION 'command % did not bring %', c_id, strange
            USING ERRCODE = 'SW422', DETAIL = strange;
    END IF;
END
$$;
