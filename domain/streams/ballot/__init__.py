"""A ballot (选票/问卷): one per household in whatever form, or one per anonymous code."""
