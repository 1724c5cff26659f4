"""The Embeddings room."""

from recsys_demo.ui.embeddings.room import embeddings_room
from recsys_demo.ui.frame import frame


def main() -> None:
    """Draw the page."""
    with frame("embeddings") as state:
        embeddings_room(state)


if __name__ == "__main__":
    main()
