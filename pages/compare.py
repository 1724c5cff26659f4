"""The Compare room: who is better at what, and which differences are noise."""

from recsys_demo.ui.compare.room import compare_room
from recsys_demo.ui.frame import frame


def main() -> None:
    """Draw the page."""
    with frame("compare") as state:
        compare_room(state)


if __name__ == "__main__":
    main()
