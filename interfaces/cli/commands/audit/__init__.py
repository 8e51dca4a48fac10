"""`siwen audit`: what an auditor asks of a ledger, one module a group of questions."""
