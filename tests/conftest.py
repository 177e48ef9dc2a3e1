"""What all tests share: the bound on one example of a property test, and slow tests first."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from hypothesis import settings

if TYPE_CHECKING:
    import pytest

# A bound that only a hang misses: the default one is missed by a busy machine's first import. The
# rest stays as it is, which in CI means the same examples in each run.
settings.register_profile("patient", settings.default, deadline=timedelta(seconds=5))
settings.load_profile("patient")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run slow tests first, so that no core waits for one of them at the end."""
    items.sort(key=lambda item: item.get_closest_marker("slow") is None)
