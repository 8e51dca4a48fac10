"""The servers that Siwen brings along: found, started, watched, stopped."""
