"""Photos and documents outside the events: taken in, cleaned of places, kept by their hash."""
