"""What is recorded, read: named queries for whoever shows it or works by it.

No other room knows a table of the ledger. Each function takes a connection, or a pool of them, and
returns values with names and types; every instant is an aware datetime in UTC.
"""
