"""What came out, computed from the runs at hand, beside what was predicted."""
