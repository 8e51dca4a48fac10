-- Read tables (视图) for lists, search and dashboards: made from the log's leaves in their order,
-- by code that says its version. They can be thrown away and made again at any time.
--
-- Each is a table of rows and a view of the same name over the rows of its live build. A build is
-- made beside the live one and takes its place by one flag, so that every snapshot, however old,
-- sees the rows of one build, all of them.
CREATE SCHEMA view;

CREATE TABLE view.build (
    view       text        NOT NULL,
    number     integer     NOT NULL CHECK (number > 0),
    version    integer     NOT NULL,
    live       boolean     NOT NULL,
    log        integer     NOT NULL DEFAULT 0,
    leaves     bigint      NOT NULL DEFAULT 0 CHECK (leaves >= 0),
    begun_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
    applied_at timestamptz,
    PRIMARY KEY (view, number)
);
CREATE UNIQUE INDEX build_live ON view.build (view) WHERE live;
COMMENT ON COLUMN view.build.version IS 'of the code that makes it';
COMMENT ON COLUMN view.build.leaves IS 'how many leaves of the log are applied';

-- Every entry: what timelines, feeds and counts filter by, without the event's body.
CREATE TABLE view.entry_row (
    build       integer          NOT NULL,
    leaf        bigint           NOT NULL,
    stream      text COLLATE "C" NOT NULL,
    version     integer          NOT NULL,
    id          uuid             NOT NULL,
    kind        text             NOT NULL,
    programme   text COLLATE "C",
    block       text COLLATE "C",
    type        text             NOT NULL,
    role        text,
    via         text,
    source      text,
    occurred_at timestamptz      NOT NULL,
    recorded_at timestamptz      NOT NULL,
    late        boolean          NOT NULL,
    rule        text,
    amends      integer,
    PRIMARY KEY (build, leaf),
    UNIQUE (build, stream, version)
);
-- An entry's id follows from its place, but no place from an id.
CREATE INDEX entry_id ON view.entry_row (build, id);
CREATE INDEX entry_rule ON view.entry_row (build, leaf) WHERE rule IS NOT NULL;

-- Every stream: what people call it, where it stands and what is due.
CREATE TABLE view.stream_row (
    build      integer          NOT NULL,
    stream     text COLLATE "C" NOT NULL,
    kind       text             NOT NULL,
    parent     text COLLATE "C",
    programme  text COLLATE "C",
    block      text COLLATE "C",
    name       text,
    aliases    text[]           NOT NULL,
    stage      text             NOT NULL,
    closed     boolean          NOT NULL,
    suspended  boolean          NOT NULL,
    since      timestamptz,
    opened_at  timestamptz,
    closed_at  timestamptz,
    version    integer          NOT NULL,
    last_type  text             NOT NULL,
    last_at    timestamptz      NOT NULL,
    deadlines  integer          NOT NULL,
    due        timestamptz,
    breaches   integer          NOT NULL,
    quarantine text,
    PRIMARY KEY (build, stream)
) WITH (fillfactor = 80);

-- What came in, by programme and by the day in its zone on which it was recorded.
CREATE TABLE view.day_row (
    build     integer          NOT NULL,
    programme text COLLATE "C" NOT NULL,
    day       date             NOT NULL,
    measure   text             NOT NULL,
    count     bigint           NOT NULL,
    PRIMARY KEY (build, programme, day, measure)
) WITH (fillfactor = 80);

CREATE VIEW view.entry AS
SELECT
    leaf, stream, version, id, kind, programme, block, type, role, via, source,
    occurred_at, recorded_at, late, rule, amends
FROM view.entry_row
WHERE build = (SELECT number FROM view.build WHERE view = 'entry' AND live);

CREATE VIEW view.stream AS
SELECT
    stream, kind, parent, programme, block, name, aliases, stage, closed, suspended, since,
    opened_at, closed_at, version, last_type, last_at, deadlines, due, breaches, quarantine
FROM view.stream_row
WHERE build = (SELECT number FROM view.build WHERE view = 'stream' AND live);

CREATE VIEW view.day AS
SELECT programme, day, measure, count
FROM view.day_row
WHERE build = (SELECT number FROM view.build WHERE view = 'day' AND live);

GRANT USAGE ON SCHEMA view TO siwen_app;
GRANT SELECT ON ALL TABLES IN SCHEMA view TO siwen_app;
GRANT INSERT, UPDATE, DELETE
    ON view.build, view.entry_row, view.stream_row, view.day_row TO siwen_app;
