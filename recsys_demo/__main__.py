"""`python -m recsys_demo`. Written so that an old Python, or one without the lab's packages, can
still read it and say what to do."""

import sys

if sys.version_info < (3, 11):  # noqa: UP036 # said here, or a newcomer gets a traceback
    sys.exit(
        f"This lab needs Python 3.11 or newer; {sys.executable} is Python "
        f"{sys.version_info[0]}.{sys.version_info[1]}. Try: make app PYTHON=python3.12"
    )


def run() -> int:
    """The command line's exit status; one line where a package is missing."""
    try:
        from recsys_demo.cli import main

        return main()
    except ModuleNotFoundError as error:
        if error.name is None or error.name.startswith("recsys_demo"):
            raise
        from recsys_demo.folders import how_to_install

        sys.stderr.write(
            f"The package {error.name} is missing in {sys.executable}. Run: {how_to_install()}\n"
        )
        return 2


if __name__ == "__main__":
    sys.exit(run())
