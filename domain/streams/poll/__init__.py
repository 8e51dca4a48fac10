"""A poll (表决/问卷): opened with its entitled base, voted on, papers entered, counted."""
