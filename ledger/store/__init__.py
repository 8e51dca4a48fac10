"""Rows in and out: one command decided on what is locked, and appended."""
