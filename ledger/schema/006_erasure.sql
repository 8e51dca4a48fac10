-- What was restricted lies apart, so that whoever reads values does not meet it.
CREATE TABLE vault.restricted (
    digest  text COLLATE "C" PRIMARY KEY,
    subject text        NOT NULL,
    salt    text        NOT NULL,
    name    text        NOT NULL,
    value   text        NOT NULL,
    kept_at timestamptz NOT NULL
);
CREATE INDEX restricted_subject ON vault.restricted (subject);

-- Under which streams a file was put: two may hold the same bytes.
CREATE TABLE vault.holder (
    digest  text COLLATE "C" NOT NULL,
    subject text COLLATE "C" NOT NULL,
    kept_at timestamptz      NOT NULL,
    PRIMARY KEY (digest, subject)
);
INSERT INTO vault.holder (digest, subject, kept_at)
SELECT digest, subject, kept_at FROM vault.evidence;

ALTER TABLE vault.evidence
    ADD COLUMN restricted boolean NOT NULL DEFAULT false,
    ADD COLUMN location   text    NOT NULL DEFAULT 'unknown'
        CHECK (location IN ('unknown', 'none', 'removed', 'kept'));
CREATE INDEX evidence_subject ON vault.evidence (subject);

-- ANALYZE would copy values into the server's statistics. A column whose type is set anew loses
-- what was copied before.
ALTER TABLE vault.disclosure
    ALTER COLUMN value TYPE text,
    ALTER COLUMN salt TYPE text;
ALTER TABLE vault.disclosure
    ALTER COLUMN value SET STATISTICS 0,
    ALTER COLUMN salt SET STATISTICS 0;
ALTER TABLE vault.restricted
    ALTER COLUMN value SET STATISTICS 0,
    ALTER COLUMN salt SET STATISTICS 0;

GRANT SELECT, INSERT, DELETE ON vault.restricted, vault.holder TO siwen_app;
GRANT UPDATE (kept_at) ON vault.holder TO siwen_app;
GRANT UPDATE (restricted, location) ON vault.evidence TO siwen_app;
