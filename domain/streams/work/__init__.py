"""A work item (分项工程): planned, cleared, built, inspected, accepted, under warranty."""
