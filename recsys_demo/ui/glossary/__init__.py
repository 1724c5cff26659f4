"""The glossary: its page, and the hints that other pages take from it."""
