"""The Start page. `make app`, or `streamlit run app.py`."""

from recsys_demo.ui.frame import frame
from recsys_demo.ui.start.view import intro, results


def main() -> None:
    """Draw the page."""
    with frame("start") as state:
        intro(state)
        results(state)


if __name__ == "__main__":
    main()
