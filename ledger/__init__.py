"""The memory: an append-only event store on PostgreSQL, its state, vault and evidence."""
