"""A poll (表决与问卷): opened with its entitled base, voted on, papers entered, counted."""
