"""The package's description for PyPI: what the README says to importers, and the contract's sha256.

Hatchling calls this at each build, from the repository and from the sdist.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from hatchling.metadata.plugin.interface import MetadataHookInterface

_CONSTANT = re.compile(r'^(__version__|CONTRACT_SHA256) = "([^"]+)"$', re.MULTILINE)
_END = "\n## Try it from a checkout\n"  # what follows is not for those who install a release
_LINK = re.compile(r"(?P<image>!?)(?P<text>\[[^\]]*\])\((?!https?://|#)(?P<path>[^)\s]+)\)")


class DescriptionHook(MetadataHookInterface):
    """Adds the description."""

    def update(self, metadata: dict[str, Any]) -> None:
        """Add the description to `metadata`."""
        root = Path(self.root)
        package = (root / "generated/qovery_job_client/__init__.py").read_text(encoding="utf-8")
        constants = dict(_CONSTANT.findall(package))
        repository, tag = metadata["urls"]["Source"], f"v{constants['__version__']}"
        readme, _, _ = (root / "README.md").read_text(encoding="utf-8").partition(_END)
        readme = absolute(readme, repository, tag)
        contract = f"Contract {constants['__version__']}, sha256 `{constants['CONTRACT_SHA256']}`."
        text = f"{readme.rstrip()}\n\n---\n\n{contract}\n"
        metadata["readme"] = {"content-type": "text/markdown", "text": text}


def absolute(text: str, repository: str, tag: str) -> str:
    """Return Markdown with links to files of the repository at `tag`."""

    def replace(match: re.Match[str]) -> str:
        kind = "raw" if match["image"] else "blob"
        return f"{match['image']}{match['text']}({repository}/{kind}/{tag}/{match['path']})"

    return _LINK.sub(replace, text)
