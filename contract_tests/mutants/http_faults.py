"""What a server can do wrong with requests and replies, each a function to build a mutant of."""

from __future__ import annotations

import asyncio
import gzip
import time
from functools import cache
from itertools import count
from typing import TYPE_CHECKING
from uuid import UUID

from attrs import evolve

from contract_tests.instances.errors import error_body
from contract_tests.mutants.replies import (
    Reply,
    Site,
    asked_for,
    has_credential,
    replies,
    with_credential,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.types import ASGIApp, Receive, Scope, Send

    from contract_tests.mutants.replies import Wrap
    from contract_tests.spec.contract import Contract

_TENTH = 10
_SLOW = 30.0  # seconds, longer than anyone waits for one job
_DRIP = 0.05  # seconds between two bytes
_HOUR = 3600  # seconds


def says(status: int) -> Callable[[Reply], Reply]:
    """Say another status, with the body of a job."""
    return lambda reply: evolve(reply, status=status)


def refusal(contract: Contract, status: int) -> Callable[[Reply], Reply]:
    """Refuse with the error body of a status."""
    body = error_body(contract, status)
    return lambda reply: evolve(reply, status=status).with_body(body)


def bodies_changed(change: Callable[[bytes], bytes]) -> Wrap:
    """Send something else than the job."""
    return replies(lambda reply: reply.with_body(change(reply.body)))


def called(media_type: str, reply: Reply) -> Reply:
    """Say another media type."""
    return reply.with_header("content-type", media_type)


def no_content(_: Reply) -> Reply:
    """Send nothing, and say so."""
    return Reply(204, {}, b"")


def redirect(status: int, reply: Reply) -> Reply:
    """Send the client on, as a page that wants a login does."""
    return evolve(reply, status=status).with_body(b"").with_header("location", "/login")


def spent(reply: Reply, names: list[str]) -> Reply:
    """`reply` with the rate-limit headers of somebody who has nothing left for an hour."""
    for name in names:
        number = int(time.time()) + _HOUR if name.endswith("reset") else 0
        reply = reply.with_header(name, str(number))
    return reply


class Tenth:
    """Fails every tenth time that it is asked."""

    def __init__(self) -> None:
        self.calls = count(_TENTH - 1)  # early, so that a short run meets a failure too

    def __call__(self, reply: Reply) -> Reply:
        """`reply`, or each tenth time a 500."""
        return evolve(reply, status=500) if next(self.calls) % _TENTH == 0 else reply


def with_single_quotes(body: bytes) -> bytes:
    """JSON as Python would print it."""
    return body.replace(b"'", b"").replace(b'"', b"'")


def zipped(reply: Reply, body: bytes) -> Reply:
    """Say that a body is gzip."""
    return reply.with_body(body).with_header("content-encoding", "gzip")


@cache
def bomb() -> bytes:
    """A body of 64 kB that unpacks to 64 MB."""
    return gzip.compress(b" " * 64_000_000, mtime=0)


async def break_off(reply: Reply, send: Send) -> None:
    """Say the whole length and send half; the server then closes the connection."""
    await send(reply.start)
    half = reply.body[: len(reply.body) // 2]
    await send({"type": "http.response.body", "body": half, "more_body": True})


async def break_off_chunks(reply: Reply, send: Send) -> None:
    """Say no length, and leave the last chunk out."""
    await break_off(reply.with_header("content-length", None), send)


async def two_lengths(reply: Reply, send: Send) -> None:
    """Say two lengths, of which one is right."""
    start = reply.with_header("content-length", None).start
    length = len(reply.body)
    start["headers"] += [
        (b"content-length", b"%d" % (length - 1)),
        (b"content-length", b"%d" % length),
    ]
    await send(start)
    await send({"type": "http.response.body", "body": reply.body[:-1]})


async def late(reply: Reply, send: Send) -> None:
    """Answer when nobody waits any more."""
    await asyncio.sleep(_SLOW)
    await send(reply.start)
    await send({"type": "http.response.body", "body": reply.body})


async def drip(reply: Reply, send: Send) -> None:
    """Answer a byte at a time."""
    await send(reply.start)
    for index in range(len(reply.body)):
        await asyncio.sleep(_DRIP)
        more = index + 1 < len(reply.body)
        part = reply.body[index : index + 1]
        await send({"type": "http.response.body", "body": part, "more_body": more})


def without_credential(scope: Scope, _: str, site: Site) -> Scope:
    """Take a request without a credential for one that has one."""
    return scope if has_credential(scope, site) else with_credential(scope, site)


def any_credential(scope: Scope, _: str, site: Site) -> Scope:
    """Take any credential for a good one."""
    return with_credential(scope, site) if has_credential(scope, site) else scope


def another(scope: Scope, value: str, site: Site) -> Scope:
    """The job before the one that was asked for, of the same variant."""
    variants = site.population.variants
    if value not in variants:
        return scope
    same = [job_id for job_id, name in variants.items() if name == variants[value]]
    return asked_for(scope, site, same[same.index(value) - 1])


def another_variant(scope: Scope, value: str, site: Site) -> Scope:
    """Take a request for one for a job of another variant."""
    variants = site.population.variants
    if value not in variants:
        return scope
    others = [job_id for job_id, name in variants.items() if name != variants[value]]
    return asked_for(scope, site, others[0])


def any_id(scope: Scope, value: str, site: Site) -> Scope:
    """Take an id that nobody knows for that of a job."""
    known = value in site.population.jobs or not _is_uuid(value)
    return scope if known else asked_for(scope, site, next(iter(site.population.jobs)))


def any_text(scope: Scope, value: str, site: Site) -> Scope:
    """Take text that is no id for that of a job."""
    return scope if _is_uuid(value) else asked_for(scope, site, next(iter(site.population.jobs)))


def any_method(scope: Scope, _: str, __: Site) -> Scope:
    """Take any method for GET."""
    return {**scope, "method": "GET"}


def fails_on_a_bad_id(app: ASGIApp, site: Site) -> ASGIApp:
    """Crash on an id that is none, rather than refuse it."""
    failing = replies(says(500), lambda _: True)(app, site)

    async def faulty(scope: Scope, receive: Receive, send: Send) -> None:
        value = site.path_value(scope)
        fails = value is not None and not _is_uuid(value)
        await (failing if fails else app)(scope, receive, send)

    return faulty


def _is_uuid(value: str) -> bool:
    try:
        return str(UUID(value)) == value.lower()
    except ValueError:
        return False
