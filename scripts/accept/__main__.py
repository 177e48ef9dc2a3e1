"""Apply a proposed change to the contract: `python -m scripts.accept FILE`."""

import sys

from scripts.accept.command import main

sys.exit(main())
