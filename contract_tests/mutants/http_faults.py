"""The faults of a server: changed responses and misread requests."""

from __future__ import annotations

import asyncio
import gzip
import time
from functools import cache
from typing import TYPE_CHECKING
from urllib.parse import unquote

from attrs import evolve

from contract_tests.instances import ids
from contract_tests.instances.errors import error_body, error_media_type
from contract_tests.mutants.middleware import Reply, Site, replies
from contract_tests.spec.security import RequestParts, SecurityScheme, schemes

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.types import ASGIApp, Receive, Scope, Send

    from contract_tests.mutants.middleware import Wrap
    from contract_tests.spec.contract import Contract

_SLOW = 30.0  # seconds, longer than any client waits for one job
_DRIP = 0.05  # seconds between two bytes
_HOUR = 3600  # seconds


# Changes of responses.


def with_status(status: int) -> Callable[[Reply], Reply]:
    """Send a job with another status."""
    return lambda reply: evolve(reply, status=status)


def refusal(contract: Contract, status: int) -> Callable[[Reply], Reply]:
    """Send the error body of a status."""
    body, media_type = error_body(contract, status), error_media_type(contract, status)
    return lambda reply: (
        evolve(reply, status=status).with_body(body).with_header("content-type", media_type)
    )


def with_body(change: Callable[[bytes], bytes]) -> Wrap:
    """Send a body other than the job."""
    return replies(lambda reply: reply.with_body(change(reply.body)))


def no_content(_: Reply) -> Reply:
    """Send a 204."""
    return Reply(204, {}, b"")


def redirect(status: int, reply: Reply) -> Reply:
    """Send a redirect to a login page."""
    return evolve(reply, status=status).with_body(b"").with_header("location", "/login")


def exhausted(reply: Reply, names: list[str]) -> Reply:
    """Add rate-limit headers that leave no request for an hour."""
    for name in names:
        number = int(time.time()) + _HOUR if name.endswith("reset") else 0
        reply = reply.with_header(name, str(number))
    return reply


def every_tenth_fails() -> Callable[[Reply], Reply]:
    """Send a 500 for every tenth request, starting with the second so that short runs get one."""
    turn = 8

    def change(reply: Reply) -> Reply:
        nonlocal turn
        turn += 1
        return evolve(reply, status=500) if turn % 10 == 0 else reply

    return change


def after(count: int, change: Callable[[Reply], Reply]) -> Callable[[Reply], Reply]:
    """Change every response except the first few."""
    turn = 0

    def late_change(reply: Reply) -> Reply:
        nonlocal turn
        turn += 1
        return change(reply) if turn > count else reply

    return late_change


def with_single_quotes(body: bytes) -> bytes:
    """Write JSON as Python prints it."""
    return body.replace(b"'", b"").replace(b'"', b"'")


def zipped(reply: Reply, body: bytes) -> Reply:
    """Declare a plain body as gzip."""
    return reply.with_body(body).with_header("content-encoding", "gzip")


@cache
def bomb() -> bytes:
    """Return a body of 64 kB that expands to 64 MB."""
    return gzip.compress(b" " * 64_000_000, mtime=0)


async def truncated(reply: Reply, send: Send) -> None:
    """Declare the whole length and send half; the server then closes the connection."""
    await send(reply.start)
    half = reply.body[: len(reply.body) // 2]
    await send({"type": "http.response.body", "body": half, "more_body": True})


async def truncated_chunks(reply: Reply, send: Send) -> None:
    """Declare no length and omit the last chunk."""
    await truncated(reply.with_header("content-length", None), send)


async def two_lengths(reply: Reply, send: Send) -> None:
    """Declare two lengths, only one of which is right."""
    start = reply.with_header("content-length", None).start
    length = len(reply.body)
    start["headers"] += [
        (b"content-length", b"%d" % (length - 1)),
        (b"content-length", b"%d" % length),
    ]
    await send(start)
    await send({"type": "http.response.body", "body": reply.body[:-1]})


async def late(reply: Reply, send: Send) -> None:
    """Respond only after every client has given up."""
    await asyncio.sleep(_SLOW)
    await reply.send(send)


async def drip(reply: Reply, send: Send) -> None:
    """Respond one byte at a time."""
    await send(reply.start)
    for index in range(len(reply.body)):
        await asyncio.sleep(_DRIP)
        more = index + 1 < len(reply.body)
        part = reply.body[index : index + 1]
        await send({"type": "http.response.body", "body": part, "more_body": more})


# Changes of requests.


def accept_missing_credential(scope: Scope, _: str, site: Site) -> Scope:
    """Accept a request without a credential."""
    return scope if _has_credential(scope, site) else _with_credential(scope, site)


def accept_any_credential(scope: Scope, _: str, site: Site) -> Scope:
    """Accept any credential."""
    return _with_credential(scope, site) if _has_credential(scope, site) else scope


def another_job(scope: Scope, value: str, site: Site) -> Scope:
    """Return another job of the same variant."""
    variants = site.population.variants
    if value not in variants:
        return scope
    same = [job_id for job_id, name in variants.items() if name == variants[value]]
    return _for_id(scope, site, same[same.index(value) - 1])


def another_variant(scope: Scope, value: str, site: Site) -> Scope:
    """Return a job of another variant."""
    variants = site.population.variants
    others = [job_id for job_id, name in variants.items() if name != variants.get(value, name)]
    return _for_id(scope, site, others[0]) if others else scope


def any_id(scope: Scope, value: str, site: Site) -> Scope:
    """Return a job for a well-formed unknown id."""
    known = value in site.population.jobs or not _is_well_formed(value, site)
    return scope if known else _for_id(scope, site, next(iter(site.population.jobs)))


def any_text(scope: Scope, value: str, site: Site) -> Scope:
    """Return a job for a malformed id."""
    return (
        scope
        if _is_well_formed(value, site)
        else _for_id(scope, site, next(iter(site.population.jobs)))
    )


def any_method(scope: Scope, _: str, __: Site) -> Scope:
    """Treat any method as GET."""
    return {**scope, "method": "GET"}


def only_the_first(scope: Scope, value: str, site: Site) -> Scope:
    """Return only the first job; treat all other ids as unknown."""
    _, *others = site.population.jobs
    missing = next(iter(site.population.missing), "")
    return _for_id(scope, site, missing) if value in others else scope


def first_responses(change: Callable[[Reply], Reply]) -> Wrap:
    """Change the first response for each job only."""

    def wrap(app: ASGIApp, site: Site) -> ASGIApp:
        changed = replies(change)(app, site)
        seen: set[str] = set()

        async def faulty(scope: Scope, receive: Receive, send: Send) -> None:
            value = site.path_value(scope)
            is_first = value in site.population.jobs and value not in seen
            seen.add(value or "")
            await (changed if is_first else app)(scope, receive, send)

        return faulty

    return wrap


def fails_on_a_malformed_id(app: ASGIApp, site: Site) -> ASGIApp:
    """Respond with 500 to a malformed id."""
    failing = replies(with_status(500), lambda _: True)(app, site)

    async def faulty(scope: Scope, receive: Receive, send: Send) -> None:
        value = site.path_value(scope)
        fails = value is not None and not _is_well_formed(value, site)
        await (failing if fails else app)(scope, receive, send)

    return faulty


def _for_id(scope: Scope, site: Site, value: str) -> Scope:
    path = site.contract.path_of(value)
    return {**scope, "path": unquote(path), "raw_path": path.encode()}


def _parts(scope: Scope) -> RequestParts:
    headers = {name.decode().lower(): text.decode("latin-1") for name, text in scope["headers"]}
    return RequestParts(headers, scope["query_string"].decode())


def _with_credential(scope: Scope, site: Site) -> Scope:
    scheme: SecurityScheme = schemes(site.contract)[0]
    parts = scheme.write(_parts(scope), scheme.example)
    headers = [(name.encode(), text.encode("latin-1")) for name, text in parts.headers.items()]
    return {**scope, "headers": headers, "query_string": parts.query.encode()}


def _has_credential(scope: Scope, site: Site) -> bool:
    parts = _parts(scope)
    return any(scheme.read(parts) is not None for scheme in schemes(site.contract))


def _is_well_formed(value: str, site: Site) -> bool:
    return ids.is_valid(site.contract.id_schema, value)
