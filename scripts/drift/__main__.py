"""Check a server against the contract: `python -m scripts.drift`."""

import sys

from scripts.drift.command import main

if __name__ == "__main__":
    sys.exit(main())
