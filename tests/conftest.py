"""What all tests share: loopback only, the bound on one example, and slow tests first."""

from __future__ import annotations

import gc
import os
import socket
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import settings

from contract_tests.run.target import is_loopback

# A bound that only a hang misses: the default one is missed by a busy machine's first import. The
# rest stays as it is, which in CI means the same examples in each run.
settings.register_profile("patient", settings.default, deadline=timedelta(seconds=5))
settings.load_profile("patient")

_look_up = socket.getaddrinfo


def _look_up_loopback(host: Any, *args: Any, **options: Any) -> Any:
    """Look up no name of another machine; each is unknown at once."""
    if host and not is_loopback(host):
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
    return _look_up(host, *args, **options)


socket.getaddrinfo = _look_up_loopback


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """Use one more worker than there are cores, because many tests wait for a deadline."""
    return (os.cpu_count() or 1) + 1


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run slow tests first, so that no core waits for one of them at the end."""
    items.sort(key=lambda item: item.get_closest_marker("slow") is None)


def pytest_collection_finish() -> None:
    """Exclude what was imported from garbage collection, which takes longer the more there is."""
    gc.freeze()
