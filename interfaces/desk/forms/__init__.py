"""What is asked for and what was typed: fields, values, files of a programme."""
