"""Known ids from a listing: a sample of every variant and source, at a bounded cost."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING
from uuid import UUID

import pytest

from contract_tests.run.target import TargetError, live_target
from contract_tests.run.transport import NoResponse, Transport
from scripts.drift.listing import MOST, sampled, share
from tests.oracle.instances import payload
from tests.run.hostile import TOKEN, Request, honest, hostile, of_json, response
from tests.run.runs import CONTRACT

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from contract_tests.run.target import Target
    from contract_tests.spec.values import Json

ORGANIZATION = str(UUID(int=7))
PAYLOADS = [
    payload(name)
    for name in (
        "cron_docker_nulls",
        "cron_image_minimal",
        "lifecycle_docker_probes",
        "lifecycle_image_docs_example",
    )
]


def identity(number: int) -> str:
    """The id with this number."""
    return str(UUID(int=number))


def many(number: int, start: int = 1_000) -> list[Json]:
    """Jobs of which nearly all are of one variant and source, the last three of the others."""
    kinds = [PAYLOADS[0]] * (number - 3) + PAYLOADS[1:]
    return [{**job, "id": identity(start + index)} for index, job in enumerate(kinds)]


def listing(environments: Mapping[str, list[Json]]) -> Callable[[Request], bytes]:
    """A server with two projects; the first is empty, the second has the environments."""
    tree: dict[str, Json] = {
        f"/organization/{ORGANIZATION}/project": [{"id": identity(1)}, {"id": identity(2)}],
        f"/project/{identity(1)}/environment": [],
        f"/project/{identity(2)}/environment": [{"id": key} for key in environments],
        **{f"/environment/{key}/job": jobs for key, jobs in environments.items()},
    }
    jobs = honest({job["id"]: job for found in environments.values() for job in found})

    def script(request: Request) -> bytes:
        if request.authorization != f"Token {TOKEN}":
            return of_json({}, 401)
        if request.path in tree:
            return of_json({"results": tree[request.path]})
        return jobs(request)

    return script


def of(
    script: Callable[[Request], bytes], budget: int = 300, known: tuple[str, ...] = ()
) -> tuple[Target, int, list[Request]]:
    """The target with the sampled ids, how many requests that took, and the requests."""
    with (
        hostile(script) as server,
        closing(Transport(live_target(server.url, known, TOKEN), share(budget))) as wire,
    ):
        target = sampled(CONTRACT, wire, ORGANIZATION)
        return target, wire.sent, server.requests


def test_each_variant_and_source_comes_first() -> None:
    """Of 200 jobs that are nearly all alike, the four first ids are of four kinds."""
    jobs = many(200)
    target, _, _ = of(listing({identity(3): jobs}))

    kinds = {job["id"]: (job["job_type"], *job["source"]) for job in jobs}

    assert len({kinds[job_id] for job_id in target.known_ids[:4]}) == 4
    assert len(target.known_ids) == len(set(target.known_ids)) == MOST


def test_it_walks_with_get_and_counts_every_request() -> None:
    """Projects, environments, jobs: read-only, one after the other."""
    target, spent, requests = of(listing({identity(3): many(4), identity(4): many(5, 2_000)}))

    assert len(target.known_ids) == 9
    assert {request.method for request in requests} == {"GET"}
    assert spent == len(requests) == 5


@pytest.mark.parametrize("budget", [30, 60])
def test_a_large_organization_costs_a_share_of_the_budget(budget: int) -> None:
    """What was found by then is used; the rest of the budget is for judging."""
    environments = {identity(100 + number): many(3, 1_000 + 10 * number) for number in range(200)}
    script = listing(environments)

    target, spent, requests = of(script, budget)

    assert spent == len(requests) <= budget // 3
    assert target.known_ids


@pytest.mark.parametrize("budget", [1, 2, 4])
def test_a_budget_too_small_for_the_listing_is_kept(budget: int) -> None:
    """Nothing is found then, and not one request more is sent for that."""
    with (
        hostile(listing({identity(3): many(4)})) as server,
        closing(Transport(live_target(server.url, (), TOKEN), share(budget))) as wire,
        pytest.raises(NoResponse) as caught,
    ):
        sampled(CONTRACT, wire, ORGANIZATION)

    assert caught.value.reason == "budget"
    assert len(server.requests) <= budget


def test_ids_that_were_named_stay_first() -> None:
    """They are what the user asked for."""
    named = identity(99)
    target, _, _ = of(listing({identity(3): many(4)}), known=(named,))

    assert target.known_ids[0] == named
    assert len(target.known_ids) == 5


def test_a_project_that_may_not_be_read_hides_no_other() -> None:
    """A token often reads some projects of an organization only."""
    script = listing({identity(3): many(4)})

    def partly(request: Request) -> bytes:
        hidden = request.path == f"/project/{identity(1)}/environment"
        return of_json({}, 403) if hidden else script(request)

    target, _, _ = of(partly)

    assert len(target.known_ids) == 4


@pytest.mark.parametrize(
    ("reason", "answer"),
    [
        ("not authorized", of_json({}, 401)),
        ("not authorized", of_json({}, 403)),
        ("not authorized", of_json({}, 404)),
        ("listing", of_json({"data": []})),
        ("listing", response(200, b"<html>", "text/html")),
        ("listing", of_json({"results": [{"id": "../../x"}]})),
        ("listing", of_json({"results": [{"id": "x" * 10_000}]})),
        ("listing", of_json({"results": [{}]})),
        ("no known job", of_json({"results": []})),
        ("no known job", of_json({"results": [1, None]})),
    ],
    ids=range(10),
)
def test_a_listing_that_is_of_no_use_says_so(reason: str, answer: bytes) -> None:
    """The run is inconclusive, with what to do; an id goes into an address only if it is one."""
    with pytest.raises(NoResponse) as caught:
        of(lambda _: answer)

    assert caught.value.reason == reason
    assert len(caught.value.message) < 300


def test_an_organization_that_is_no_uuid_is_wrong_use() -> None:
    """It would stand in an address."""
    with (
        hostile(listing({})) as server,
        closing(Transport(live_target(server.url, (), TOKEN), 300)) as wire,
        pytest.raises(TargetError),
    ):
        sampled(CONTRACT, wire, "../x")

    assert server.requests == []
