"""SECURITY.md names the test of each of its promises."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "SECURITY.md").read_text("utf-8")


def test_each_promise_names_tests_that_exist() -> None:
    """A renamed or deleted test is renamed or replaced there too."""
    promises = re.split(r"^- ", TEXT.partition("## What is promised")[2], flags=re.MULTILINE)[1:]
    missing = []
    for promise in promises:
        named = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", promise)
        assert named, promise
        missing += [
            f"{path}::{name}"
            for path, name in named
            if not (ROOT / path).exists() or f"def {name}(" not in (ROOT / path).read_text("utf-8")
        ]

    assert missing == []


def test_lock_has_a_hash_for_each_file() -> None:
    """And names no other index than the default one."""
    lock = (ROOT / "requirements.lock").read_text("utf-8")
    packages = re.split(r"^(?=[a-z0-9])", lock, flags=re.MULTILINE)[1:]

    assert packages
    assert [each for each in packages if "--hash=sha256:" not in each] == []
    assert "index-url" not in lock
