"""When things happen: waiting, deadlines, effects and their retries."""
