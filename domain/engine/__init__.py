"""How any stream decides: messages, entries, rules, admission, corrections, the fold, one step."""
