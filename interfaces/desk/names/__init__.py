"""What people call things: streams, kinds, codes, instants, and how they are found."""
