"""Data put into lines and tables for people."""
