"""What processes stand on: settings, logging, the Temporal client, the embedded stack."""
