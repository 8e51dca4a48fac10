"""What the rules speak of: values, names, roles, days, periods, questions, sources."""
