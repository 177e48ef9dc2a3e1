"""Apply a proposed change to the contract: `python -m scripts.accept FILE`."""

import sys

from scripts.accept.command import main

if __name__ == "__main__":
    sys.exit(main())
