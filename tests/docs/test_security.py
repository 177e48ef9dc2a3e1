"""SECURITY.md names tests that exist, and the figures of today."""

from __future__ import annotations

import re

from tests.attacks.behaviors import BEHAVIORS
from tests.attacks.echoes import ECHOES
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


def test_figures_are_those_of_the_suite() -> None:
    """They change with the tables of behaviors and echoes."""
    text = " ".join((ROOT / "SECURITY.md").read_text("utf-8").split())
    large, stalls = (
        sum(getattr(each, name) for each in BEHAVIORS.values()) for name in ("large", "stalls")
    )
    forms = sum(place.startswith("as ") for place in ECHOES)

    assert f"{len(BEHAVIORS)} behaviors; {large} of them exhaust" in text
    assert f"and {stalls} stall" in text
    assert f"at {len(ECHOES) - forms} places, and in {forms} forms" in text
