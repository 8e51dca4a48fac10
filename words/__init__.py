"""What is said to people about the ledger: words for values, sentences for events."""
