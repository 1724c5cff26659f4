"""Lessons: their format, what counts as done, what is withheld, what is revealed."""
