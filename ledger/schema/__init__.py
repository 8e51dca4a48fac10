"""The tables: numbered migrations, and what the database should be made of."""
