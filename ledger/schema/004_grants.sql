-- What the application may do: append and fold, never change what is recorded.
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'siwen_app') THEN
        CREATE ROLE siwen_app NOLOGIN;
    END IF;
EXCEPTION
    -- Roles belong to the server: another ledger's migration may have made it just now.
    WHEN duplicate_object OR unique_violation THEN NULL;
END
$$;
GRANT USAGE ON SCHEMA siwen, ledger, vault TO siwen_app;
GRANT SELECT ON ALL TABLES IN SCHEMA siwen, ledger, vault TO siwen_app;
GRANT INSERT ON ledger.event, ledger.command, ledger.attempt TO siwen_app;
GRANT INSERT, UPDATE ON ledger.state TO siwen_app;
GRANT INSERT, DELETE ON ledger.pending TO siwen_app;
GRANT UPDATE ON ledger.rehearsal_clock TO siwen_app;
GRANT INSERT, DELETE ON vault.disclosure, vault.evidence TO siwen_app;
