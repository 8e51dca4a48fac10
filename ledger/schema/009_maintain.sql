-- Whoever erases writes the vault's pages anew (`ledger/pages.py`), which PostgreSQL lets others than
-- the owner do from release 17 on.
DO $$
BEGIN
    IF current_setting('server_version_num')::integer >= 170000 THEN
        EXECUTE 'GRANT MAINTAIN ON vault.disclosure, vault.restricted TO siwen_app';
    END IF;
END
$$;
