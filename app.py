"""The Start page. `make app`, or `streamlit run app.py`."""

from recsys_demo.ui.frame import frame


def main() -> None:
    """Draw the page."""
    with frame("start") as state:
        from recsys_demo.ui.start.room import start_room

        start_room(state)


if __name__ == "__main__":
    main()
