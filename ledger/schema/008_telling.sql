-- Who is told of checkpoints besides the folder: what each took last, and when it is asked again.
CREATE TABLE ledger.telling (
    publisher text PRIMARY KEY,
    log       integer,
    size      bigint,
    taken_at  timestamptz,
    failures  integer     NOT NULL DEFAULT 0,
    why       text,
    next_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
    CHECK ((log IS NULL) = (size IS NULL) AND (log IS NULL) = (taken_at IS NULL))
);

-- What keeps which worker from sealing, for others to see; a diagnosis, not evidence.
CREATE TABLE ledger.trouble (
    worker text PRIMARY KEY,
    what   text        NOT NULL,
    at     timestamptz NOT NULL DEFAULT clock_timestamp()
);

GRANT SELECT, INSERT, UPDATE ON ledger.telling TO siwen_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON ledger.trouble TO siwen_app;
