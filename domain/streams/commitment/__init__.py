"""A commitment (承诺): what a building's household does, what the city does in return, by when."""
