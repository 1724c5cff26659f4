"""A class: people who share a room code. Its rows in SQLite, and the rules that hold for them."""
