"""Boosted trees: the columns they read, how they are grown, and their scores in numpy alone."""
