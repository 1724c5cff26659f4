"""A class: its page, and what it adds to the card of a lesson."""
