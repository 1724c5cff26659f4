"""The Recommend room: one person, one list per model, and why."""
