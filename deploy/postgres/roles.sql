-- Creates the roles and databases of the one-host topology, or brings them up to date.
-- Run as superuser by psql; the passwords come from the environment and into no argument list.
--
--   temporal      owns temporal and temporal_visibility
--   siwen_owner   owns siwen_city and its tables: migrations only
--   siwen_recorder, siwen_door, siwen_sealer
--                 the parts of a worker and of the command line: get from the migrations what each
--                 may do, and own nothing; none can take on another's role
--   siwen_app     what all parts were in one before: nobody logs in as it here

\set ON_ERROR_STOP on
\getenv temporal_password TEMPORAL_DB_PASSWORD
\getenv owner_password SIWEN_OWNER_PASSWORD
\getenv recorder_password SIWEN_RECORDER_PASSWORD
\getenv door_password SIWEN_DOOR_PASSWORD
\getenv sealer_password SIWEN_SEALER_PASSWORD

SELECT format('CREATE ROLE %I', wanted.name)
FROM (
  VALUES
    ('temporal'), ('siwen_owner'), ('siwen_app'),
    ('siwen_recorder'), ('siwen_door'), ('siwen_sealer')
) AS wanted (name)
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = wanted.name)
\gexec

ALTER ROLE temporal LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD :'temporal_password';
ALTER ROLE siwen_owner LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD :'owner_password';
ALTER ROLE siwen_recorder LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD :'recorder_password';
ALTER ROLE siwen_door LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD :'door_password';
ALTER ROLE siwen_sealer LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD :'sealer_password';
ALTER ROLE siwen_app NOLOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD NULL;

SELECT format('CREATE DATABASE %I OWNER %I', wanted.name, wanted.owner)
FROM (
  VALUES
    ('temporal', 'temporal'),
    ('temporal_visibility', 'temporal'),
    ('siwen_city', 'siwen_owner')
) AS wanted (name, owner)
WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = wanted.name)
\gexec

-- Whoever is not named here does not even connect.
REVOKE CONNECT, TEMPORARY ON DATABASE temporal, temporal_visibility, siwen_city FROM PUBLIC;
GRANT CONNECT ON DATABASE siwen_city TO siwen_recorder, siwen_door, siwen_sealer;
