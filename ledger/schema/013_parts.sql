-- Each part of a running Siwen has a role of its own, with the least that it needs: the recorder
-- records, the door takes what people send and keeps or erases it, the sealer writes the log and the
-- views. What more than one of them has to say in the ledger goes through functions that act as its
-- owner, and let each say its own. `siwen_app` may what all of them may, for tools and for
-- installations with one login.
DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['siwen_recorder', 'siwen_door', 'siwen_sealer'] LOOP
        BEGIN
            IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name) THEN
                EXECUTE format('CREATE ROLE %I NOLOGIN', name);
            END IF;
        EXCEPTION
            -- Roles belong to the server: another ledger's migration may have made it just now.
            WHEN duplicate_object OR unique_violation THEN NULL;
        END;
    END LOOP;
END
$$;

-- As before (002), but as the owner, and into no stream of the ledger's own.
CREATE OR REPLACE FUNCTION ledger.append(
    c_id text, c_stream text, c_digest bytea, c_receipt text, c_recorded timestamptz,
    e_stream text[], e_version integer[], e_type text[], e_occurred timestamptz[],
    e_recorded timestamptz[], e_body text[], e_leaf bytea[], e_prev bytea[],
    s_stream text[], s_expected integer[], s_kind text[], s_parent text[], s_version integer[],
    s_schema integer[], s_stage text[], s_closed boolean[], s_head text[], s_leaf bytea[],
    s_tally text[], s_due timestamptz[], s_recorded timestamptz[], s_carrier text[], s_aliases text[], s_quarantine text[],
    g_stream text[], g_expected integer[]
) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    wanted record;
    found  integer;
BEGIN
    IF EXISTS (SELECT FROM unnest(e_stream) AS e (name) WHERE starts_with(name, 'ledger/')) THEN
        RAISE EXCEPTION 'the ledger''s own streams are not appended to by commands'
            USING ERRCODE = 'SW403';
    END IF;

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

ALTER FUNCTION ledger.take_brought(text, text, text[])
    SECURITY DEFINER SET search_path = pg_catalog, pg_temp;

-- What the ledger says of itself: of its log, of erasures, of its rules.
-- Raises SW403 for a stream that `may` does not match.
CREATE FUNCTION ledger.append_own(
    e_stream text, e_version integer, e_type text, e_at timestamptz,
    e_body text, e_leaf bytea, e_prev bytea,
    may text, waits boolean
) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    IF e_stream !~ may THEN
        RAISE EXCEPTION 'stream % is another part''s to append to', e_stream
            USING ERRCODE = 'SW403';
    END IF;
    INSERT INTO ledger.event
        (stream, version, type, occurred_at, recorded_at, body, leaf_hash, prev_hash)
    VALUES (e_stream, e_version, e_type, e_at, e_at, e_body, e_leaf, e_prev);
    IF waits THEN
        INSERT INTO ledger.pending (stream, version) VALUES (e_stream, e_version);
    END IF;
END
$$;
CREATE FUNCTION ledger.append_log(
    e_stream text, e_version integer, e_type text, e_at timestamptz,
    e_body text, e_leaf bytea, e_prev bytea
) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT ledger.append_own($1, $2, $3, $4, $5, $6, $7, '^ledger/(heads|log-[0-9]+)$', false)
$$;
CREATE FUNCTION ledger.append_act(
    e_stream text, e_version integer, e_type text, e_at timestamptz,
    e_body text, e_leaf bytea, e_prev bytea
) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT ledger.append_own($1, $2, $3, $4, $5, $6, $7, '^ledger/erasures$', true)
$$;
CREATE FUNCTION ledger.append_rules(
    e_stream text, e_version integer, e_type text, e_at timestamptz,
    e_body text, e_leaf bytea, e_prev bytea
) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT ledger.append_own($1, $2, $3, $4, $5, $6, $7, '^ledger/rules$', true)
$$;

REVOKE EXECUTE ON FUNCTION
    ledger.append(text, text, bytea, text, timestamptz, text[], integer[], text[], timestamptz[], timestamptz[], text[], bytea[], bytea[], text[], integer[], text[], text[], integer[], integer[], text[], boolean[], text[], bytea[], text[], timestamptz[], timestamptz[], text[], text[], text[], text[], integer[]),
    ledger.take_brought(text, text, text[]),
    ledger.append_own(text, integer, text, timestamptz, text, bytea, bytea, text, boolean),
    ledger.append_log(text, integer, text, timestamptz, text, bytea, bytea),
    ledger.append_act(text, integer, text, timestamptz, text, bytea, bytea),
    ledger.append_rules(text, integer, text, timestamptz, text, bytea, bytea)
    FROM PUBLIC;

GRANT EXECUTE ON FUNCTION ledger.append, ledger.take_brought, ledger.append_rules
    TO siwen_recorder, siwen_app;
GRANT USAGE ON SCHEMA siwen, ledger TO siwen_recorder;
GRANT SELECT ON ALL TABLES IN SCHEMA siwen, ledger TO siwen_recorder;
GRANT INSERT ON ledger.attempt TO siwen_recorder;
-- Whoever locks a row must be able to write something of it: this column decides nothing.
GRANT UPDATE (written_at) ON ledger.state TO siwen_recorder;

GRANT EXECUTE ON FUNCTION ledger.append_act TO siwen_door, siwen_app;
GRANT USAGE ON SCHEMA siwen, ledger, vault, view TO siwen_door;
GRANT SELECT ON ALL TABLES IN SCHEMA siwen, ledger, vault, view TO siwen_door;
-- Whoever backs up reads where it stands, too.
GRANT SELECT ON SEQUENCE ledger.attempt_id_seq TO siwen_door;
GRANT INSERT, DELETE
    ON vault.disclosure, vault.restricted, vault.evidence, vault.holder, vault.brought
    TO siwen_door;
GRANT UPDATE (restricted, location) ON vault.evidence TO siwen_door;
GRANT UPDATE (kept_at) ON vault.holder TO siwen_door;
DO $$
BEGIN
    IF current_setting('server_version_num')::integer >= 170000 THEN
        EXECUTE 'GRANT MAINTAIN ON vault.disclosure, vault.restricted TO siwen_door';
    END IF;
END
$$;

GRANT EXECUTE ON FUNCTION ledger.append_log TO siwen_sealer, siwen_app;
GRANT USAGE ON SCHEMA siwen, ledger, view TO siwen_sealer;
GRANT SELECT ON ALL TABLES IN SCHEMA siwen, ledger, view TO siwen_sealer;
REVOKE SELECT ON ledger.door, ledger.attempt FROM siwen_sealer;
GRANT DELETE ON ledger.pending TO siwen_sealer;
GRANT INSERT
    ON ledger.log, ledger.leaf, ledger.tile, ledger.checkpoint, ledger.cosignature
    TO siwen_sealer;
GRANT UPDATE (published_at) ON ledger.checkpoint TO siwen_sealer;
GRANT INSERT, UPDATE ON ledger.telling TO siwen_sealer;
GRANT INSERT, UPDATE, DELETE ON ledger.trouble TO siwen_sealer;
GRANT INSERT, UPDATE, DELETE
    ON view.build, view.entry_row, view.stream_row, view.day_row
    TO siwen_sealer;
