"""`python -m recsys_demo`."""

import sys

from recsys_demo.cli import main

if __name__ == "__main__":
    sys.exit(main())
