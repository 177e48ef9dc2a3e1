"""The package's description for its index: the README, and which contract it was made of.

Hatchling calls this at each build, from the tree and from the sdist alike.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from hatchling.metadata.plugin.interface import MetadataHookInterface


class ContractHook(MetadataHookInterface):
    """Ends the description with the contract's version and sha256."""

    def update(self, metadata: dict[str, Any]) -> None:
        """Add the description to `metadata`."""
        root = Path(self.root)
        package = (root / "generated/qovery_job_client/__init__.py").read_text(encoding="utf-8")
        constants = re.compile(r'^(__version__|CONTRACT_SHA256) = "([^"]+)"$', re.MULTILINE)
        facts = dict(constants.findall(package))
        readme = (root / "README.md").read_text(encoding="utf-8").rstrip()
        made_of = f"Contract {facts['__version__']}, sha256 `{facts['CONTRACT_SHA256']}`."
        metadata["readme"] = {
            "content-type": "text/markdown",
            "text": f"{readme}\n\n---\n\n{made_of}\n",
        }
