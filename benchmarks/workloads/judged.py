"""A known job asked for and judged: by our line, or by a proxy that judges what it passes on."""

from __future__ import annotations

from http.client import HTTPConnection
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from benchmarks.worker import waited
from contract_tests.oracle.response import ResponseChecker
from contract_tests.run.target import Credential, Target
from contract_tests.run.transport import Transport
from contract_tests.spec.contract import load

if TYPE_CHECKING:
    from collections.abc import Callable

    from benchmarks.worker import Repeated

BUDGET = 10_000_000


def ours(url: str, job_id: str, token: str) -> Callable[[], object]:
    """Our wire and our judge."""
    contract = load()
    target = Target(url, (job_id,), Credential(token))
    wire, judge = Transport(target, BUDGET), ResponseChecker(contract)
    path, shown = contract.path_of(job_id), target.credential.shown
    return lambda: judge.of_job(wire.get(path, shown), job_id)


def passed_on(url: str, job_id: str, token: str) -> Callable[[], object]:
    """A GET that costs next to nothing, of a server that does all the work."""
    connection = HTTPConnection(urlsplit(url).netloc)
    path, headers = load().path_of(job_id), {"Authorization": f"Token {token}"}

    def call() -> int:
        connection.request("GET", path, headers=headers)
        response = connection.getresponse()
        response.read()
        assert response.status == 200  # noqa: PLR2004
        return response.status

    return call


def prepare(client: str, **where: str) -> Repeated:
    """Repeat a call of one of the functions above."""
    return waited(globals()[client](**where))
