"""Settings, logging, connections, and the servers that Siwen brings along."""
