"""A schema from the names and values of a file's columns."""
