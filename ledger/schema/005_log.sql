-- The log: which event stands at which index, the tree over them, and what was signed of it.
--
-- A log has a name and a key. A new one begins only where the old one cannot go on: it cites the
-- last checkpoint of the old one and holds every event anew. The current one has the highest number.
CREATE TABLE ledger.log (
    number    integer PRIMARY KEY CHECK (number > 0),
    origin    text COLLATE "C" NOT NULL UNIQUE,
    key       text             NOT NULL,
    cites     text,
    opened_at timestamptz      NOT NULL DEFAULT clock_timestamp()
);

CREATE TABLE ledger.leaf (
    log       integer          NOT NULL,
    index     bigint           NOT NULL CHECK (index >= 0),
    stream    text COLLATE "C" NOT NULL,
    version   integer          NOT NULL,
    leaf_hash bytea            NOT NULL,
    PRIMARY KEY (log, index),
    CONSTRAINT leaf_once UNIQUE (log, stream, version),
    CONSTRAINT leaf_event FOREIGN KEY (stream, version, leaf_hash)
        REFERENCES ledger.event (stream, version, leaf_hash)
);

-- Full tiles as in C2SP tlog-tiles: 256 hashes of height 8·level, and the root over them. A tile
-- that is not full yet is not kept: its hashes are those of leaves, or roots of tiles below.
CREATE TABLE ledger.tile (
    log    integer NOT NULL,
    level  integer NOT NULL CHECK (level >= 0),
    index  bigint  NOT NULL CHECK (index >= 0),
    root   bytea   NOT NULL CHECK (octet_length(root) = 32),
    hashes bytea   NOT NULL CHECK (octet_length(hashes) = 8192),
    PRIMARY KEY (log, level, index)
);
-- Hashes do not compress.
ALTER TABLE ledger.tile ALTER COLUMN hashes SET STORAGE EXTERNAL;

CREATE TABLE ledger.checkpoint (
    log          integer     NOT NULL REFERENCES ledger.log,
    size         bigint      NOT NULL CHECK (size > 0),
    root         bytea       NOT NULL CHECK (octet_length(root) = 32),
    note         text        NOT NULL,
    signed_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
    published_at timestamptz,
    PRIMARY KEY (log, size)
);
CREATE INDEX checkpoint_unpublished ON ledger.checkpoint (log, size) WHERE published_at IS NULL;

-- What witnesses signed of a checkpoint: lines to be added to its note.
CREATE TABLE ledger.cosignature (
    log     integer     NOT NULL,
    size    bigint      NOT NULL,
    witness text        NOT NULL,
    at      timestamptz NOT NULL,
    line    text        NOT NULL,
    kept_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (log, size, witness, at),
    FOREIGN KEY (log, size) REFERENCES ledger.checkpoint (log, size)
);

CREATE FUNCTION ledger.only_publish() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.published_at IS NOT NULL OR NEW.published_at IS NULL
        OR to_jsonb(OLD) - 'published_at' <> to_jsonb(NEW) - 'published_at'
    THEN
        RAISE EXCEPTION 'ledger.checkpoint is append-only: only published_at may be set, once'
            USING ERRCODE = 'SW403';
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER log_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger.log
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();
CREATE TRIGGER leaf_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger.leaf
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();
CREATE TRIGGER tile_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger.tile
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();
CREATE TRIGGER checkpoint_only_publish BEFORE UPDATE ON ledger.checkpoint
    FOR EACH ROW EXECUTE FUNCTION ledger.only_publish();
CREATE TRIGGER checkpoint_append_only BEFORE DELETE OR TRUNCATE ON ledger.checkpoint
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();
CREATE TRIGGER cosignature_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger.cosignature
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();

GRANT SELECT, INSERT
    ON ledger.log, ledger.leaf, ledger.tile, ledger.checkpoint, ledger.cosignature TO siwen_app;
GRANT UPDATE (published_at) ON ledger.checkpoint TO siwen_app;
