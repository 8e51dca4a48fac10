"""The commands, each a function; `interfaces.cli.contents` says which."""
