"""Lessons: their page, and the card that goes along into every room."""
