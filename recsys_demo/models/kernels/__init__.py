"""Compiled loops of a training step. Each has a slow, plain form as its oracle in a test.

Shape letters: n rows, K id columns, F fields, d numbers per vector, Q numeric fields, M
multi-valued fields, V rows of a table, U different rows that a batch read.
"""
