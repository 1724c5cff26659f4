"""Configuration and data to runs: datasets, the trainer, what is measured, what is kept."""
