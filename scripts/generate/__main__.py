"""Write the client: `python -m scripts.generate`."""

import sys

from scripts.generate.command import main

if __name__ == "__main__":
    sys.exit(main())
