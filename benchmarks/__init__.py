"""Measurements of quality, speed and memory. `python -m benchmarks NAME...` runs some or all of
them and writes benchmarks/RESULTS.md from what is in benchmarks/results."""
