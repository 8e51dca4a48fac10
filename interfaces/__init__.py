"""The doors: command line, API, console and client."""
