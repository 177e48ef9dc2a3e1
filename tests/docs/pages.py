"""The pages of the documentation."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGES = [
    ROOT / "README.md",
    ROOT / "testing" / "README.md",
    *sorted((ROOT / "docs").rglob("*.md")),
]
