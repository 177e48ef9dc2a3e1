"""Check a server against the contract: `python -m scripts.drift`."""

import sys

from scripts.drift.command import main

sys.exit(main())
