"""The Start page. `make app` or `python -m recsys_demo serve` shows it."""


def main() -> None:
    """Draw the page."""
    from recsys_demo.ui.frame import frame

    with frame("start") as state:
        from recsys_demo.ui.start.room import start_room

        start_room(state)


if __name__ == "__main__":
    main()
else:
    # `streamlit run app.py` imports what looks like an application before it serves anything: the
    # place to say what to do instead.
    from streamlit.starlette import App

    from recsys_demo.ui.entrance import refuse

    lab = App(refuse())
