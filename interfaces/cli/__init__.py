"""The command line: `siwen`."""
