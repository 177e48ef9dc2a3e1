"""The HTTP mutants: each breaks the rule that it names, and a run finds that."""

from __future__ import annotations

import contextlib
import http.client
import time
from typing import TYPE_CHECKING

import pytest

from contract_tests.instances.population import population
from contract_tests.mock_server import application, serving
from contract_tests.mutants.http import http_mutants
from contract_tests.mutants.middleware import Site
from contract_tests.spec.contract import load
from scripts.mutants.runs import MAX_WAIT, SHORT_WAIT, TIMEOUT, Switch, body_outcomes, http_outcomes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from contract_tests.mutants.http import HttpMutant

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("http-mutants")]

CONTRACT = load()
JOBS = population(CONTRACT)
MUTANTS = http_mutants(CONTRACT)
PLAIN = application(CONTRACT, JOBS)
KNOWN, *_, LAST = JOBS.jobs
UNKNOWN = "3c90c3cc-0d44-4b50-8888-8dd25736052a"
GOOD = "Bearer any"

# Requests that between them meet every fault: method, id, Authorization header.
REQUESTS = [
    *[("GET", KNOWN, GOOD)] * 3,
    ("GET", LAST, GOOD),
    ("GET", KNOWN, None),
    ("GET", KNOWN, "Token invalid"),
    ("GET", UNKNOWN, GOOD),
    ("GET", "not-a-uuid", GOOD),
    ("PUT", KNOWN, GOOD),
]


def responses(url: str, timeout: float = MAX_WAIT) -> list[tuple[object, ...]]:
    """What a server sends for each request, as far as it gets."""
    return [_response(url, timeout, *request) for request in REQUESTS]


def _response(
    url: str, timeout: float, method: str, job_id: str, credential: str | None
) -> tuple[object, ...]:
    host = url.removeprefix("http://")
    deadline = time.monotonic() + timeout
    with contextlib.closing(http.client.HTTPConnection(host, timeout=timeout)) as connection:
        headers = {} if credential is None else {"Authorization": credential}
        try:
            connection.request(method, f"/job/{job_id}", headers=headers)
            response = connection.getresponse()
            fields = sorted(item for item in response.getheaders() if item[0] != "date")
            body = b""
            while part := response.read1():
                body += part
                if time.monotonic() > deadline:
                    return ("never ends",)
        except (http.client.HTTPException, TimeoutError) as error:
            return (type(error),)
        return response.status, fields, body


@pytest.fixture(scope="module")
def switch() -> Iterator[tuple[Switch, str]]:
    """A server whose application can be changed, and its address."""
    switch = Switch(PLAIN)
    with serving(switch) as url:
        yield switch, url


@pytest.fixture(scope="module")
def right(switch: tuple[Switch, str]) -> list[tuple[object, ...]]:
    """The responses of a server without a fault."""
    return responses(switch[1])


@pytest.mark.parametrize("mutant", MUTANTS.values(), ids=MUTANTS)
def test_each_responds_differently(
    mutant: HttpMutant, switch: tuple[Switch, str], right: list[tuple[object, ...]]
) -> None:
    """Its responses differ from those of a server without the fault."""
    switch[0].app = mutant.wrap(PLAIN, Site(CONTRACT, JOBS))
    wrong = responses(switch[1], SHORT_WAIT if mutant.reason == TIMEOUT else MAX_WAIT)
    switch[0].app = PLAIN

    assert wrong != right
    assert responses(switch[1]) == right
    assert mutant.rule


def test_every_http_mutant_is_killed_by_a_run() -> None:
    """A run reports each for the behavior that it breaks."""
    outcomes = list(http_outcomes(CONTRACT, JOBS))

    assert [(outcome.name, outcome.reason) for outcome in outcomes if not outcome.killed] == []
    assert {outcome.name for outcome in outcomes} == MUTANTS.keys()


def test_a_sample_of_every_family_is_killed_by_a_run() -> None:
    """One run reports each fault at its job, and nothing else."""
    outcomes = list(body_outcomes(CONTRACT, JOBS))

    assert [(outcome.name, outcome.reason) for outcome in outcomes if not outcome.killed] == []
    assert len(outcomes) == len(JOBS.jobs)
