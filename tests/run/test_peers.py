"""The expected outcomes of `make peers` that need nothing but Python and openssl."""

from __future__ import annotations

import pytest

from contract_tests.run.result import Verdict
from scripts.peers.expected import PEERS, check
from scripts.peers.servers import NotAvailableError
from tests.run.runs import CONTRACT

OWN = [name for name in PEERS if "TLS" in name or "proxy" in name]


@pytest.mark.slow
@pytest.mark.parametrize("name", OWN)
def test_tls_and_proxies_have_the_expected_outcome(name: str) -> None:
    """As an operator behind a proxy or with a private CA would see it."""
    try:
        run, _ = check(PEERS[name], CONTRACT)
    except NotAvailableError as error:
        pytest.skip(str(error))

    assert PEERS[name].expects(run), (run.verdict, run.reason, run.findings)
    assert (run.verdict is Verdict.INCONCLUSIVE) == bool(run.reason)
