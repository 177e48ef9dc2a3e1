"""SECURITY.md names tests that exist."""

from __future__ import annotations

import re

from tests.docs.pages import ROOT


def test_every_guarantee_names_an_existing_test() -> None:
    """A guarantee without a test is only a promise."""
    text = (ROOT / "SECURITY.md").read_text("utf-8")
    rows = [line for line in text.splitlines() if line.startswith("| ")][2:]

    named = [re.search(r"`(tests/\S+\.py)::(test_\w+)` \|$", row) for row in rows]

    assert len(rows) > 10
    assert all(named), [row for row, match in zip(rows, named, strict=True) if not match]
    missing = [
        match[0]
        for match in named
        if match and f"def {match[2]}(" not in (ROOT / match[1]).read_text("utf-8")
    ]
    assert missing == []
