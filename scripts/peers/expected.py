"""The peers, the outcome that a run against each must have, and the comparison of the two."""

from __future__ import annotations

import os
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from attrs import frozen

from contract_tests.instances.population import population
from contract_tests.run.result import Verdict
from contract_tests.run.run import run_checks
from contract_tests.run.target import live_target
from scripts.peers import network, servers

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from contextlib import AbstractContextManager

    from contract_tests.run.result import Run
    from contract_tests.spec.contract import Contract
    from scripts.peers.servers import Server

TOKEN = "a-token-for-the-peers"  # noqa: S105 - any token will do
_NETWORK = ("SSL_CERT_FILE", "SSL_CERT_DIR", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY")


@frozen
class Peer:
    """A server of the contract and the outcome that a run against it must have.

    Attributes:
        start: Runs it for the duration of a context, with a folder for its files.
        verdict: The verdict.
        why: Why this is the right verdict.
        findings: The keywords of the findings.
        random: Whether the bodies are random, so that other keywords are found as well.
        reason: A part of the reason of an inconclusive run.
    """

    start: Callable[[Contract, Path], AbstractContextManager[Server]]
    verdict: Verdict
    why: str
    findings: frozenset[str] = frozenset()
    random: bool = False
    reason: str = ""

    def expects(self, run: Run) -> bool:
        """Return whether `run` has the expected outcome."""
        found = {finding.keyword for finding in run.findings}
        return (
            run.verdict is self.verdict
            and (found >= self.findings if self.random else found == self.findings)
            and self.reason in (run.reason or "")
        )


_MOCK = frozenset({"identity", "unknown-id", "authentication"})
_CREDENTIAL = " $http_authorization"

PEERS: Mapping[str, Peer] = {
    "Prism, static": Peer(
        servers.prism,
        Verdict.DRIFT,
        "one body for every id, and any credential is accepted",
        _MOCK,
    ),
    "Prism, dynamic": Peer(
        partial(servers.prism, dynamic=True),
        Verdict.DRIFT,
        "random bodies for every id, without custom formats, and any credential is accepted",
        _MOCK,
        random=True,
    ),
    "Prism, another bound": Peer(
        partial(servers.prism, other_bound=True),
        Verdict.DRIFT,
        "as static, and a number is below its minimum",
        _MOCK | {"minimum"},
    ),
    "Mockoon": Peer(
        servers.mockoon,
        Verdict.DRIFT,
        "templates ignore const, enum and RFC 3339, and no credential is needed",
        _MOCK | {"format", "invalid-id"},
        random=True,
    ),
    "nginx": Peer(
        partial(servers.nginx, key=_CREDENTIAL),
        Verdict.CLEAN,
        "compression, chunked bodies and a cache for each credential change no job",
    ),
    "nginx, shared cache": Peer(
        servers.nginx,
        Verdict.DRIFT,
        "the cache returns jobs without a valid credential",
        frozenset({"authentication"}),
    ),
    "TLS, private CA": Peer(
        network.tls, Verdict.CLEAN, "SSL_CERT_FILE names the CA of the certificate"
    ),
    "TLS, another CA": Peer(
        partial(network.tls, trusted="other"),
        Verdict.INCONCLUSIVE,
        "SSL_CERT_FILE names another CA",
        reason="other.pem (SSL_CERT_FILE)",
    ),
    "TLS, no CA": Peer(
        partial(network.tls, trusted=None),
        Verdict.INCONCLUSIVE,
        "certifi does not know the private CA",
        reason="set SSL_CERT_FILE for a private CA",
    ),
    "https through a proxy": Peer(
        network.proxied, Verdict.CLEAN, "HTTPS_PROXY is used; no resolver knows the server's name"
    ),
    "https, the proxy refuses": Peer(
        partial(network.proxied, refuses=True),
        Verdict.INCONCLUSIVE,
        "a 407 is the proxy's response, not the server's",
        reason="the proxy refused the connection",
    ),
    "http beside a proxy": Peer(
        network.beside_proxy, Verdict.CLEAN, "plain http, and loopback, is connected directly"
    ),
}


def check(peer: Peer, contract: Contract) -> tuple[Run, str]:
    """Start `peer` and run all checks against it; return the run and the version of the peer.

    Raises:
        NotAvailableError: It is not installed.
        StartError: It does not start.
    """
    with TemporaryDirectory() as folder, peer.start(contract, Path(folder)) as server:
        target = live_target(contract, server.url, population(contract).jobs, TOKEN)
        with _environment(server.variables):
            return run_checks(contract, target, sleep=lambda _: None), server.version


@contextmanager
def _environment(variables: Mapping[str, str]) -> Iterator[None]:
    """Set `variables`, and no other that affects connections, for the duration of the context."""
    before = dict(os.environ)
    for name in _NETWORK:
        os.environ.pop(name, None)
        os.environ.pop(name.lower(), None)
    os.environ.update(variables)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)
