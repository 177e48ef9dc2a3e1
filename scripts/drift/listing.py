"""Finds known job ids by the vendor's read-only listing of an organization.

Walks projects, environments and their jobs, and takes from what it sees a sample in which each
variant, and each branch within it, comes first. Bounded by a share of the run's budget.
"""

from __future__ import annotations

from itertools import chain, zip_longest
from typing import TYPE_CHECKING

from attrs import evolve

from contract_tests.oracle.json_body import Unreadable, parse
from contract_tests.run.known_jobs import GONE
from contract_tests.run.result import Reason
from contract_tests.run.retry import get
from contract_tests.run.target import TargetError, canonical_id
from contract_tests.run.transport import NoResponse, Transport
from contract_tests.spec.values import shorten

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from contract_tests.run.target import Target
    from contract_tests.spec.contract import Contract
    from contract_tests.spec.schema import Schema
    from contract_tests.spec.values import Json

SHARE = 3  # at most one request in three goes into finding ids
_VALUES = 500_000  # at every depth of one listing, which has no pages
MOST = 60  # ids are enough for every variant and branch several times over


def share(budget: int) -> int:
    """How many requests of a run's budget may go into finding ids."""
    return min(budget, max(budget // SHARE, 3))


def sampled(contract: Contract, wire: Transport, organization: str) -> Target:
    """The wire's target with known ids from an organization's listing.

    Args:
        contract: Says which variants and branches there are.
        wire: Asks the target; ids that it has already stay first.
        organization: The organization's id.

    Raises:
        TargetError: The organization's id is no uuid.
        Unanswered: The listing can't be read, or holds no job.
    """
    found: dict[tuple[str, ...], list[str]] = {}
    try:
        for job in _jobs(wire, canonical_id(organization)):
            job_id = job.get(contract.identity or "id")
            if isinstance(job_id, str):
                found.setdefault(tuple(_branches(contract.job, job)), []).append(job_id)
    except NoResponse as error:
        if not found:
            raise
        if error.reason is not Reason.BUDGET:
            raise
    in_turn = chain.from_iterable(zip_longest(*(found[key] for key in sorted(found))))
    ids = [_checked(job_id) for job_id in in_turn if job_id is not None][:MOST]
    if not ids:
        message = f"the organization {organization} has no job that this token may read"
        raise NoResponse(Reason.NO_KNOWN_JOB, f"{message}; name another one")
    return evolve(wire.target, known_ids=tuple(dict.fromkeys((*wire.target.known_ids, *ids))))


def _jobs(wire: Transport, organization: str) -> Iterator[dict[str, Json]]:
    """Every job of the organization, environment by environment."""
    for project in _results(wire, f"/organization/{organization}/project", ()):
        for environment in _results(wire, f"/project/{_id(project)}/environment", GONE):
            yield from _results(wire, f"/environment/{_id(environment)}/job", GONE)


def _results(wire: Transport, path: str, hidden: Sequence[int]) -> list[dict[str, Json]]:
    """What the listing at `path` holds; nothing where its status is one of `hidden`."""
    answer = get(wire, path, wire.target.credential.shown)
    if answer.status in hidden:
        return []
    if answer.status in {401, 403, 404}:
        message = f"{path} was answered {answer.status}; check the organization and the token"
        raise NoResponse(Reason.NOT_AUTHORIZED, message)
    try:
        body, _ = parse(answer.body, _VALUES)
    except Unreadable:
        body = None
    results = body.get("results") if isinstance(body, dict) else None
    if answer.status != 200 or not isinstance(results, list):  # noqa: PLR2004
        message = f"{path} was answered {answer.status} without results; name ids with --job-id"
        raise NoResponse(Reason.LISTING, message)
    return [item for item in results if isinstance(item, dict)]


def _id(item: dict[str, Json]) -> str:
    return _checked(item.get("id"))


def _checked(value: Json) -> str:
    """An id that a server gave, before it goes into a path."""
    try:
        return canonical_id(str(value))
    except TargetError as error:
        message = f"the listing holds an id that is no uuid ({shorten(value)!r})"
        raise NoResponse(Reason.LISTING, f"{message}; name ids with --job-id") from error


def _branches(schema: Schema, instance: Json) -> Iterable[str]:
    """The names of the branches that `instance` means, at every depth."""
    if schema.branches:
        branch = schema.branch(instance)
        if branch is not None:
            yield branch.name
            yield from _branches(branch, instance)
    elif isinstance(instance, dict):
        for name, inner in schema.properties.items():
            if name in instance:
                yield from _branches(inner, instance[name])
