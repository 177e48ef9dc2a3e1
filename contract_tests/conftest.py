"""Which server the contract tests judge, and where they write what they find.

A plain pytest run judges the mock server, which it starts and stops. `scripts.drift` brings its
own `Session` for a live server; nothing else does, so that no test run reaches one by accident.
"""

from __future__ import annotations

from contextlib import ExitStack
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from contract_tests.oracle import deviations
from contract_tests.run.schemathesis_transport import route_through
from contract_tests.run.session import PLUGIN, REPORTED, Session, embedded

if TYPE_CHECKING:
    from collections.abc import Iterator

_OPEN = pytest.StashKey[ExitStack]()


def pytest_configure(config: pytest.Config) -> None:
    """Start the mock server, unless somebody brought a session."""
    if config.pluginmanager.get_plugin(PLUGIN) is None:
        stack = config.stash[_OPEN] = ExitStack()
        config.pluginmanager.register(stack.enter_context(embedded()), PLUGIN)


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop it again."""
    if _OPEN in config.stash:
        config.stash[_OPEN].close()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Give each test that takes `sampled_id` some of the known ids."""
    if "sampled_id" in metafunc.fixturenames:
        session = metafunc.config.pluginmanager.get_plugin(PLUGIN)
        assert isinstance(session, Session)
        metafunc.parametrize("sampled_id", session.sample)


@pytest.fixture(scope="session")
def session(pytestconfig: pytest.Config) -> Session:
    """The server that is judged, and what was found out about it so far."""
    session = pytestconfig.pluginmanager.get_plugin(PLUGIN)
    assert isinstance(session, Session)
    return session


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    """Fail a test that recorded a finding which no deviation covers."""
    session = item.config.pluginmanager.get_plugin(PLUGIN)
    assert isinstance(session, Session)
    before = len(session.record.findings)
    with route_through(
        session.wire
    ):  # here alone, so that other tests of the process are left alone
        yield
    new = session.record.findings[before:]
    accepted, _ = deviations.load().accept("drift", new, datetime.now(UTC).date())
    uncovered = [finding.message for finding in accepted if finding.deviation is None]
    if uncovered:
        item.user_properties.append((REPORTED, len(uncovered)))
        pytest.fail("\n".join(uncovered), pytrace=False)
