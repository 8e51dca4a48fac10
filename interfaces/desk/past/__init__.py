"""What the ledger said then: streams as they were, in either time, compared and explained."""
