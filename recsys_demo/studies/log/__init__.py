"""What a log looks like, in numbers and in sentences."""
