-- Append in one statement: lock, compare versions, insert events, fold, command and pending.
--
-- Rows are locked deepest name first, so that no two appends wait for each other; `g_` are streams
-- that were only read and must not have changed.
-- Raises SW409 if a stream stands at another version than expected.
CREATE FUNCTION ledger.append(
    c_id text, c_stream text, c_digest bytea, c_receipt text, c_recorded timestamptz,
    e_stream text[], e_version integer[], e_type text[], e_occurred timestamptz[],
    e_recorded timestamptz[], e_body text[], e_leaf bytea[], e_prev bytea[],
    s_stream text[], s_expected integer[], s_kind text[], s_parent text[], s_version integer[],
    s_schema integer[], s_stage text[], s_closed boolean[], s_head text[], s_leaf bytea[],
    s_tally text[], s_due timestamptz[], s_recorded timestamptz[], s_carrier text[], s_aliases text[], s_quarantine text[],
    g_stream text[], g_expected integer[]
) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    wanted record;
    found  integer;
BEGIN
    FOR wanted IN
        SELECT name, expected, bool_or(written) AS written
        FROM (
            SELECT name, expected, true AS written
            FROM unnest(s_stream, s_expected) AS s (name, expected)
            UNION ALL
            SELECT name, expected, false
            FROM unnest(g_stream, g_expected) AS g (name, expected)
        ) AS all_names
        GROUP BY name, expected
        ORDER BY length(name) - length(replace(name, '/', '')) DESC, name COLLATE "C" DESC
    LOOP
        IF wanted.written THEN
            SELECT version INTO found FROM ledger.state WHERE stream = wanted.name FOR UPDATE;
        ELSE
            SELECT version INTO found FROM ledger.state WHERE stream = wanted.name FOR SHARE;
        END IF;
        IF coalesce(found, 0) <> wanted.expected THEN
            RAISE EXCEPTION 'stream % stands at version %, expected %',
                wanted.name, coalesce(found, 0), wanted.expected
                USING ERRCODE = 'SW409';
        END IF;
    END LOOP;

    IF c_id IS NOT NULL THEN
        INSERT INTO ledger.command (id, stream, digest, receipt, recorded_at)
        VALUES (c_id, c_stream, c_digest, c_receipt, c_recorded);
    END IF;

    INSERT INTO ledger.event
        (stream, version, type, occurred_at, recorded_at, body, leaf_hash, prev_hash)
    SELECT *
    FROM unnest(
        e_stream, e_version, e_type, e_occurred, e_recorded, e_body, e_leaf, e_prev
    );

    INSERT INTO ledger.pending (stream, version)
    SELECT * FROM unnest(e_stream, e_version);

    INSERT INTO ledger.state AS s (
        stream, kind, parent, version, schema, stage, closed, head, leaf_hash, recorded_at,
        tally, due, carrier, aliases, quarantine
    )
    SELECT
        n.stream, n.kind, n.parent, n.version, n.schema, n.stage, n.closed, n.head, n.leaf,
        n.recorded, n.tally::jsonb, n.due, n.carrier,
        ARRAY(SELECT jsonb_array_elements_text(n.aliases::jsonb)), n.quarantine
    FROM unnest(
        s_stream, s_kind, s_parent, s_version, s_schema, s_stage, s_closed, s_head, s_leaf,
        s_tally, s_due, s_recorded, s_carrier, s_aliases, s_quarantine
    ) AS n (
        stream, kind, parent, version, schema, stage, closed, head, leaf,
        tally, due, recorded, carrier, aliases, quarantine
    )
    ON CONFLICT (stream) DO UPDATE SET
        version = excluded.version,
        schema = excluded.schema,
        stage = excluded.stage,
        closed = excluded.closed,
        head = excluded.head,
        leaf_hash = excluded.leaf_hash,
        recorded_at = excluded.recorded_at,
        written_at = clock_timestamp(),
        tally = excluded.tally,
        due = excluded.due,
        aliases = excluded.aliases,
        quarantine = excluded.quarantine;
END
$$;
