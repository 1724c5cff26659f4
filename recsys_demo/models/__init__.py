"""Encoded rows to logits: the ranker, its components, their parameters and optimizers."""
