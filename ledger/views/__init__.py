"""Read tables (视图) for lists, search and dashboards, made from the log in its order."""
