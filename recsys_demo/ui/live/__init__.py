"""The map that moves while models train, and training by itself when something is changed."""
