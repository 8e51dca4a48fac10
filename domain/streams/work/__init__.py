"""A work item (施工项目): planned, cleared, built, inspected, accepted, under warranty."""
