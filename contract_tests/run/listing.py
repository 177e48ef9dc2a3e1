"""Find known jobs through the vendor's read-only listings of an organization.

A seed decides the order in which projects and environments are visited, and a share of the budget
limits how many. The job bodies in the listings are checked too.
"""

from __future__ import annotations

from functools import partial
from itertools import chain, zip_longest
from random import Random
from shlex import quote
from typing import TYPE_CHECKING

import httpx
from attrs import frozen

from contract_tests.oracle.json_body import Unreadable, parse
from contract_tests.run.known_jobs import GONE
from contract_tests.run.result import Reason
from contract_tests.run.retry import get
from contract_tests.run.target import TargetError, canonical_id, organization_id
from contract_tests.run.transport import NoResponse
from contract_tests.spec.contract import SUCCESS
from contract_tests.spec.settings import settings_of
from contract_tests.spec.values import shorten

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from contract_tests.run.session import Session
    from contract_tests.spec.contract import Contract
    from contract_tests.spec.schema import Schema
    from contract_tests.spec.values import Json

SHARE = 3  # one request in three may be spent on finding jobs
MOST = 60  # jobs; enough to see every variant and branch several times
_LEAST = 3  # requests needed to find a job
_VALUES = 500_000  # in one listing, nested ones included; listings have no pages


@frozen
class _Walk:
    """The walk over the listings of one organization.

    Attributes:
        session: The open run.
        until: The number of sent requests at which the share of the budget is spent.
        order: Decides the order of projects and environments.
        listings: The paths of the listings.
    """

    session: Session
    until: int
    order: Random
    listings: tuple[str, ...]

    def results(self, path: str, hidden: Sequence[int] = ()) -> list[dict[str, Json]]:
        """Return the items of the listing at `path`, or none if the status is in `hidden`.

        Raises:
            NoResponse: The listing can't be read, or the share of the budget is spent.
        """
        transport = self.session.transport
        if transport.sent >= self.until:
            raise NoResponse(Reason.BUDGET, "the share of the budget for listings is spent")
        response = get(transport, path, transport.target.credential.shown)
        if response.status in hidden:
            return []
        if response.status in {httpx.codes.UNAUTHORIZED, *GONE}:
            message = f"{path}: status {response.status}; check the organization and the token"
            raise NoResponse(Reason.NOT_AUTHORIZED, message)
        try:
            body, _ = parse(response.body, _VALUES)
        except Unreadable:
            body = None
        results = body.get("results") if isinstance(body, dict) else None
        if response.status != httpx.codes.OK or not isinstance(results, list):
            message = f"{path}: status {response.status} without `results`; name ids with --job-id"
            raise NoResponse(Reason.LISTING, message)
        return [item for item in results if isinstance(item, dict)]

    def path(self, level: int, parent: str) -> str:
        """Return the path of the listing at a level, of a project's environments for example."""
        return self.listings[level].replace("{id}", parent)

    def environments(self, organization: str) -> tuple[list[str], int]:
        """Return environment ids, those of each project in turn, and the number of projects."""
        projects = self.results(self.path(0, organization))
        self.order.shuffle(projects)
        by_project = []
        # At most half of the share: environments are useless unless their jobs can be listed.
        half = self.session.transport.sent + max((self.until - self.session.transport.sent) // 2, 1)
        for project in projects:
            if self.session.transport.sent >= half:
                break
            found = self.results(self.path(1, _id(project)), GONE)
            self.order.shuffle(found)
            by_project.append([_id(environment) for environment in found])
        return list(_in_turn(by_project)), len(projects) - len(by_project)


def find_jobs(session: Session, organizations: Iterable[str], seed: int) -> tuple[str, ...]:
    """Return job ids of the organizations, spread evenly over projects and environments.

    One job of each variant and branch comes first. Listings that can't be read are recorded.

    Args:
        session: The open run.
        organizations: The ids of the organizations.
        seed: Decides the order, and so what is left out if the budget is too small.
    """
    names, left = list(organizations), session.transport.left
    listings = settings_of(session.record.contract).listings
    share = min(left, max(left // SHARE, _LEAST))
    found: list[str] = []
    errors: list[NoResponse] = []
    for index, organization in enumerate(names, start=1):
        until = session.transport.sent + share // len(names)
        if index == len(names):
            until = max(until, session.transport.sent + min(_LEAST, session.transport.left))
        walk = _Walk(session, until, Random(f"{seed} {organization}"), listings)  # noqa: S311
        try:
            found += _jobs(walk, organization)
        except NoResponse as error:
            errors.append(error)
    for failed in errors:
        reason = Reason.LISTING if found else failed.reason
        session.record.trouble(reason, failed.message)
    return tuple(found[:MOST])


def _jobs(walk: _Walk, organization: str) -> list[str]:
    """Return the ids of an organization's jobs, and check the bodies in the listings.

    Raises:
        NoResponse: No job was found.
    """
    record = walk.session.record
    environments, projects_left = walk.environments(organization)
    kinds: dict[tuple[str, ...], dict[str, list[str]]] = {}
    visited = 0
    for environment in environments:
        try:
            jobs = walk.results(walk.path(2, environment), GONE)
        except NoResponse as error:
            if error.reason is not Reason.BUDGET or not kinds:
                raise
            break
        visited += 1
        for job in jobs:
            job_id = job.get(record.contract.identity or "id")
            if isinstance(job_id, str):
                found_id = _known(record.contract, job_id)
                _check(walk, job, found_id, environment)
                kind = tuple(_branches(record.contract.job, job))
                by_environment = kinds.setdefault(kind, {})
                by_environment.setdefault(environment, []).append(found_id)
    if not kinds:
        message = f"the organization {organization} has no job that this token may read"
        raise NoResponse(Reason.NO_KNOWN_JOB, f"{message}; name another one")
    by_kind = [list(_in_turn(list(kinds[kind].values()))) for kind in sorted(kinds)]
    found = list(dict.fromkeys(_in_turn(by_kind)))
    left_out = [
        f"{len(environments) - visited} of {len(environments)} environments",
        *([f"{projects_left} projects"] if projects_left else []),
        *([f"{len(found) - MOST} of {len(found)} jobs"] if len(found) > MOST else []),
    ]
    if visited < len(environments) or len(left_out) > 1:
        parts = " and ".join(left_out)
        record.warn(
            f"left out of the organization {organization}: {parts}; other runs visit others"
        )
    return found


def _check(walk: _Walk, job: Json, job_id: str, environment: str) -> None:
    """Check a body in a listing; requesting the job itself may confirm the findings."""
    record = walk.session.record
    url = quote(record.target.url + walk.path(2, environment))
    findings = walk.session.checker.oracles[SUCCESS].findings(job)
    own = record.target.credential
    record.observe(findings, job_id, f"curl -s {url}{own.options(own.shown)}")
    record.cover(job)


def _in_turn(groups: Sequence[Sequence[str]]) -> Iterator[str]:
    """Yield the first item of each group, then the second of each, and so on."""
    return (item for item in chain.from_iterable(zip_longest(*groups)) if item is not None)


def _id(item: dict[str, Json]) -> str:
    """Return the id of a project or environment, which goes into a path.

    Raises:
        NoResponse: It is not a UUID.
    """
    return _checked(organization_id, item.get("id"))


def _known(contract: Contract, value: Json) -> str:
    """Return the id of a job; raises as `_id` does."""
    return _checked(partial(canonical_id, contract), value)


def _checked(check: Callable[[str], str], value: Json) -> str:
    try:
        return check(str(value))
    except TargetError as error:
        message = f"the listing has an invalid id ({shorten(value)!r})"
        raise NoResponse(Reason.LISTING, f"{message}; name ids with --job-id") from error


def _branches(schema: Schema, instance: Json) -> Iterable[str]:
    """Yield the names of the branches of `instance`, at every depth."""
    if schema.branches:
        branch = schema.branch(instance)
        if branch is not None:
            yield branch.name
            yield from _branches(branch, instance)
    elif isinstance(instance, dict):
        for name, inner in schema.properties.items():
            if name in instance:
                yield from _branches(inner, instance[name])
