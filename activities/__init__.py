"""The hands: what workflows have done outside themselves."""
