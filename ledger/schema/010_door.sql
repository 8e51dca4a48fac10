-- The doors' secret: a command that comes through Temporal bears a code made with it, or is shown
-- as what it is, through Temporal and as claimed. Whoever only reaches Temporal cannot read it.
CREATE TABLE ledger.door (
    one    boolean PRIMARY KEY DEFAULT true CHECK (one),
    secret bytea   NOT NULL CHECK (length(secret) = 32)
);

-- Two random UUIDs carry 244 random bits.
INSERT INTO ledger.door (secret)
VALUES (sha256(convert_to(gen_random_uuid()::text || gen_random_uuid()::text, 'UTF8')));

CREATE TRIGGER door_stays BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger.door
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();

GRANT SELECT ON ledger.door TO siwen_app;
