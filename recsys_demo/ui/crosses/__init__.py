"""The parts of the Crosses room."""
