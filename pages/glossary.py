"""The Glossary page: every term in two sentences."""

from recsys_demo.ui.frame import frame

with frame("glossary") as state:
    from recsys_demo.ui.glossary.room import glossary_room

    glossary_room(state)
