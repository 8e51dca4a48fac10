-- What is personal stays outside the events: values by their salted digests, and the index of the
-- evidence store. Both can be erased without breaking a proof.
CREATE SCHEMA vault;

CREATE TABLE vault.disclosure (
    digest    text COLLATE "C" PRIMARY KEY,
    subject   text        NOT NULL,
    salt      text        NOT NULL,
    name      text        NOT NULL,
    value     text        NOT NULL,
    kept_at   timestamptz NOT NULL
);
CREATE INDEX disclosure_subject ON vault.disclosure (subject);

CREATE TABLE vault.evidence (
    digest     text COLLATE "C" PRIMARY KEY,
    subject    text        NOT NULL,
    media_type text        NOT NULL,
    bytes      bigint      NOT NULL,
    kept_at    timestamptz NOT NULL
);
