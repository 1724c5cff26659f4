"""The synthetic app store: its world, its sample files, and the truth only it knows."""
