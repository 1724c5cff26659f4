"""The Embeddings room: maps of what the vectors have learned."""

from recsys_demo.ui.frame import frame

with frame("embeddings") as state:
    from recsys_demo.ui.embeddings.room import embeddings_room

    embeddings_room(state)
