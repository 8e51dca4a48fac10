"""The door that every interface uses: names, commands, and what the ledger says."""
