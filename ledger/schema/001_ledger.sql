-- The append-only ledger: events, the commands that made them, and the fold of each stream.
CREATE SCHEMA ledger;

CREATE TABLE ledger.event (
    stream       text COLLATE "C" NOT NULL,
    version      integer          NOT NULL CHECK (version > 0),
    type         text             NOT NULL,
    occurred_at  timestamptz      NOT NULL,
    recorded_at  timestamptz      NOT NULL,
    body         text             NOT NULL,
    leaf_hash    bytea            NOT NULL,
    prev_hash    bytea,
    prev_version integer GENERATED ALWAYS AS (nullif(version - 1, 0)) STORED,
    PRIMARY KEY (stream, version),
    CONSTRAINT event_leaf UNIQUE (stream, version, leaf_hash),
    -- Each event names the hash of the one before it: no edit, no gap, no fork.
    CONSTRAINT event_chain FOREIGN KEY (stream, prev_version, prev_hash)
        REFERENCES ledger.event (stream, version, leaf_hash),
    CONSTRAINT event_first CHECK ((version = 1) = (prev_hash IS NULL)),
    -- RFC 6962: the hash of a leaf is over a zero byte and the leaf.
    CONSTRAINT event_hash CHECK (leaf_hash = sha256('\x00'::bytea || convert_to(body, 'UTF8'))),
    CONSTRAINT event_body CHECK (
        (body::jsonb) @> jsonb_build_object(
            'stream', stream,
            'version', version,
            'type', type,
            'occurred_at',
            to_char(occurred_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
            'recorded_at',
            to_char(recorded_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
            'prev', encode(prev_hash, 'hex')
        )
    )
);

CREATE TABLE ledger.command (
    id          text COLLATE "C" PRIMARY KEY,
    stream      text COLLATE "C" NOT NULL,
    digest      bytea            NOT NULL,
    receipt     text             NOT NULL,
    recorded_at timestamptz      NOT NULL
);

-- The fold of each stream, written with its events; `due` is its next deadline and `carrier` the
-- stream whose workflow keeps watch over it.
CREATE TABLE ledger.state (
    stream      text COLLATE "C" PRIMARY KEY,
    kind        text             NOT NULL,
    parent      text COLLATE "C",
    version     integer          NOT NULL,
    schema      integer          NOT NULL,
    stage       text             NOT NULL,
    closed      boolean          NOT NULL,
    head        text             NOT NULL,
    leaf_hash   bytea            NOT NULL,
    recorded_at timestamptz      NOT NULL,
    written_at  timestamptz      NOT NULL DEFAULT clock_timestamp(),
    tally       jsonb,
    due         timestamptz,
    carrier     text COLLATE "C" NOT NULL,
    aliases     text[]           NOT NULL DEFAULT '{}',
    quarantine  text
) WITH (fillfactor = 70);

CREATE INDEX state_children ON ledger.state (parent, kind);
CREATE INDEX state_due ON ledger.state (carrier, due) WHERE due IS NOT NULL;
CREATE INDEX state_aliases ON ledger.state USING gin (aliases);

-- Events that the sealer has not yet given their place in the log.
CREATE TABLE ledger.pending (
    stream  text COLLATE "C" NOT NULL,
    version integer          NOT NULL,
    PRIMARY KEY (stream, version)
);

-- Commands that were refused: a diagnosis, not evidence; no free text.
CREATE TABLE ledger.attempt (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at           timestamptz NOT NULL,
    stream       text        NOT NULL,
    command_id   text,
    command_type text,
    actor        text,
    role         text,
    via          text,
    rule         text        NOT NULL,
    detail       text        NOT NULL
);
CREATE INDEX attempt_stream ON ledger.attempt (stream, at);

-- What this ledger is; a rehearsal's has its own clock, moved by its conductor.
CREATE TABLE ledger.meta (
    key   text PRIMARY KEY,
    value text NOT NULL
);
CREATE TABLE ledger.rehearsal_clock (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    at  timestamptz NOT NULL
);

CREATE FUNCTION ledger.now() RETURNS timestamptz
LANGUAGE sql VOLATILE AS $$
    SELECT coalesce((SELECT at FROM ledger.rehearsal_clock), clock_timestamp())
$$;

CREATE FUNCTION ledger.refuse_change() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'ledger.% is append-only: % refused', TG_TABLE_NAME, TG_OP
        USING ERRCODE = 'SW403';
END
$$;
CREATE TRIGGER event_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger.event
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();
CREATE TRIGGER command_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger.command
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();
