"""The parts of the Data room."""
