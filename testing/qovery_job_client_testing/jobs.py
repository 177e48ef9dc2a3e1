"""Serve generated jobs, with the faults that a test injects, as an ASGI application."""

from __future__ import annotations

import math
import time
from collections import deque
from copy import deepcopy
from functools import cache, lru_cache, partial
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import evolve, field, frozen

from contract_tests.instances.errors import error_body
from contract_tests.instances.population import encode, population
from contract_tests.mock_server import Population, application
from contract_tests.mutants.catalogue import Catalogue, catalogue
from contract_tests.mutants.http import HttpMutant
from contract_tests.mutants.middleware import Reply
from contract_tests.spec.contract import PATH, Contract, build
from contract_tests.spec.document import read
from qovery_job_client import Retries, decode_job

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from starlette.types import ASGIApp, Receive, Scope, Send

    from contract_tests.spec.values import Json

T = TypeVar("T")

TOKEN = "any"  # noqa: S105 - the mock server takes any
# Options of a client in tests: no waits between attempts, no certificates to load.
HASTY: Mapping[str, Any] = {"retries": Retries(first_wait=0.0), "verify_ssl": False}
_LIMITED = 429
_LATE = "timeout"  # why a run against a slow server is inconclusive


@frozen
class Seen:
    """A received request.

    Attributes:
        method: Its method.
        path: Its path, decoded, without the query.
        headers: Its headers by their lower-case names.
    """

    method: str
    path: str
    headers: Mapping[str, str] = field(repr=False)


class MockJobs:
    """Generated jobs, served as the contract describes; valid unless a test injects a fault.

    Args:
        seed: Decides which jobs are generated; the same number gives the same jobs everywhere.

    Attributes:
        requests: The received requests, the oldest first.
    """

    def __init__(self, seed: int = 0) -> None:
        self.requests: list[Seen] = []
        self._contract, self._served = _made(seed)
        self._catalogue: Callable[[], Catalogue] = partial(_faults, seed)
        self._mutant: str | None = None
        self._failures: deque[tuple[int, float]] = deque()
        self._build()

    @property
    def ids(self) -> tuple[str, ...]:
        """The ids of all jobs."""
        return tuple(self._served.jobs)

    @property
    def forbidden_id(self) -> str:
        """An id for which the server sends a 403."""
        return self._served.forbidden[0]

    @property
    def missing_id(self) -> str:
        """An id for which the server sends a 404, as for every unknown id."""
        return self._served.missing[0]

    @property
    def mutants(self) -> tuple[str, ...]:
        """The names that `inject` accepts."""
        every = self._catalogue()
        return (*every.shorts, *every.http)

    def find(self, variant: type[T], where: Callable[[T], bool] = lambda _: True) -> str:
        """Return the id of the first job of a variant for which `where` is true.

        Args:
            variant: A class of the client, such as `CronJob`.
            where: Receives a decoded job and returns whether it matches; by default any job does.

        Raises:
            LookupError: No job matches; make one with `serve`.
        """
        for job_id, body in self._served.jobs.items():
            job = decode_job(body)
            if isinstance(job, variant) and where(job):
                return job_id
        raise LookupError(f"no {variant.__name__} matches; change a `body` and `serve` it")

    def body(self, job_id: str) -> dict[str, Json]:
        """Return a copy of the body of a job, without faults, to change and `serve`.

        Raises:
            LookupError: There is no such job.
        """
        if job_id not in self._served.jobs:
            raise LookupError(f"no job has the id {job_id!r}; expected one of `ids`")
        copied: dict[str, Json] = deepcopy(self._served.jobs[job_id])
        return copied

    def serve(self, body: Mapping[str, Json]) -> str:
        """Serve a job, in place of any other with its id, and return the id.

        The job may have additions that a client tolerates: unknown properties, an enum member or a
        variant.

        Raises:
            ContractViolationError: The client would refuse the job; use `inject` for faults.
        """
        job = decode_job(body)
        job_id = str(body[str(self._contract.identity)]).lower()
        others = self._served
        self._served = served = evolve(
            others,
            jobs={**others.jobs, job_id: deepcopy(dict(body))},
            bodies={**others.bodies, job_id: encode(body)},
            variants={**others.variants, job_id: type(job).__name__},
        )
        known = _selected(served, lambda name: name in self._contract.variants)
        self._catalogue = cache(lambda: catalogue(self._contract, known))
        self._build()
        return job_id

    def fail(self, status: int, times: int = 1, *, retry_after: float = 0.0) -> None:
        """Respond to the next calls with an error, after any errors that are already queued.

        Args:
            status: The status, 400 to 599.
            times: How many calls.
            retry_after: The seconds until the limit resets, sent in the headers of a 429.

        Raises:
            ValueError: The status is unknown or not an error.
        """
        try:
            error_body(self._contract, status)
        except ValueError:
            known = False
        else:
            known = 400 <= status <= 599  # noqa: PLR2004
        if not known:
            raise ValueError(f"{status} is not an error status; expected one such as 429 or 503")
        self._failures.extend([(status, retry_after)] * times)

    def inject(self, mutant: str) -> None:
        """Inject a fault into all later responses: an invalid body or wrong HTTP behavior.

        Only one fault is active at a time; a new one replaces it.

        Args:
            mutant: The name of the fault, one of `mutants`.

        Raises:
            LookupError: There is no such fault; the message lists similar names.
        """
        self._catalogue().named(mutant)
        self._mutant = mutant
        self._build()

    def reset(self) -> None:
        """Remove all faults and queued errors."""
        self._mutant = None
        self._failures.clear()
        self._build()

    def _note(self, scope: Scope) -> None:
        """Add a request to `requests`."""
        headers = {name.decode().lower(): text.decode("latin-1") for name, text in scope["headers"]}
        self.requests.append(Seen(scope["method"], scope["path"], headers))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Respond to one request."""
        self._note(scope)
        try:
            status, retry_after = self._failures.popleft()
        except IndexError:
            await self._app(scope, receive, send)
            return
        reply = self._refusal(status, retry_after)
        await send(reply.start)
        await send({"type": "http.response.body", "body": reply.body})

    def _refusal(self, status: int, retry_after: float) -> Reply:
        reply = Reply(status, {"content-type": "application/json"}, b"")
        reply = reply.with_body(error_body(self._contract, status))
        described = self._contract.responses.get(str(status))
        for name in described.headers if described else ():
            is_time = name.lower().endswith("reset")
            number = math.floor(time.time() + retry_after) if is_time else 0
            reply = reply.with_header(name.lower(), str(number))
        if status == _LIMITED:
            reply = reply.with_header("retry-after", str(math.ceil(retry_after)))
        return reply

    def _build(self) -> None:
        served = self._served
        wrap: Callable[[ASGIApp], ASGIApp] = lambda app: app  # noqa: E731
        self._is_late = False
        if self._mutant is not None:
            every = self._catalogue()
            (first, *_) = every.named(self._mutant)
            self._is_late = isinstance(first, HttpMutant) and first.reason == _LATE
            served, wrap = every.faulty(self._mutant)
            new = _selected(self._served, lambda name: name not in self._contract.variants)
            served = evolve(
                served,
                jobs={**served.jobs, **new.jobs},
                bodies={**served.bodies, **new.bodies},
                variants={**served.variants, **new.variants},
            )
        self._app = wrap(application(self._contract, served))


def _selected(population: Population, is_wanted: Callable[[str], bool]) -> Population:
    """Return the jobs of the selected variants."""
    ids = [job_id for job_id, name in population.variants.items() if is_wanted(name)]
    return evolve(
        population,
        jobs={job_id: population.jobs[job_id] for job_id in ids},
        bodies={job_id: population.bodies[job_id] for job_id in ids},
        variants={job_id: population.variants[job_id] for job_id in ids},
    )


@lru_cache(maxsize=8)
def _made(seed: int) -> tuple[Contract, Population]:
    contract = build(read(PATH))
    return contract, population(contract, seed)


@lru_cache(maxsize=8)
def _faults(seed: int) -> Catalogue:
    """Return every fault of the jobs of `seed`, which takes about a second."""
    return catalogue(*_made(seed))
