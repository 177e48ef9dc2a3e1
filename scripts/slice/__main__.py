"""Cut one operation out of a document: `python -m scripts.slice --help`."""

import sys

from scripts.slice.command import main

if __name__ == "__main__":
    sys.exit(main())
