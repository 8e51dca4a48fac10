"""Personal values outside the events: kept, read, restricted, erased, each on record."""
