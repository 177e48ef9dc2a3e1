"""The HTTP mutants: servers with one deliberate fault in how they answer.

What is wrong inside a body is the business of the body mutants. Must never know what a property
of the job is called.
"""

from __future__ import annotations

import asyncio
import gzip
import json
import time
from functools import partial
from itertools import count
from typing import TYPE_CHECKING
from uuid import UUID

from attrs import evolve, field, frozen

from contract_tests.mock_server.application import error_body
from contract_tests.mutants.faults import Expected
from contract_tests.mutants.replies import (
    Reply,
    Site,
    asked_for,
    replies,
    requests,
    sending,
    with_credential,
)
from contract_tests.values import join

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from starlette.types import ASGIApp, Receive, Scope, Send

    from contract_tests.contract import Contract
    from contract_tests.mutants.replies import Wrap

_ANY = b"Bearer any"
_TENTH = 10
_NOT_ALLOWED = 405
_SLOW = 30.0  # seconds, longer than anyone waits for one job
_DRIP = 0.05  # seconds between two bytes
_HOUR = 3600  # seconds


@frozen
class HttpMutant:
    """A server with one deliberate fault.

    Attributes:
        name: Its name.
        rule: What it breaks, as a sentence.
        wrap: Makes the server with the fault of one without.
        expected: What must be found; empty where nothing but `reason` can be said.
        reason: Why a run against it is inconclusive, where it is.
        probes_methods: Whether only a run that may send other methods than GET can find it.
        warning: What a run must warn of, where the fault shows but may decide nothing.
        family: What sort of fault it is.
    """

    name: str
    rule: str
    wrap: Wrap
    expected: tuple[Expected, ...] = ()
    reason: str | None = None
    probes_methods: bool = False
    warning: str | None = None
    family: str = field(default="http")


def http_mutants(contract: Contract) -> dict[str, HttpMutant]:
    """Every HTTP mutant by name."""
    return {
        mutant.name: mutant
        for group in (_statuses(contract), _bodies(contract), _framings(), _requests(contract))
        for mutant in group
    }


def _found(keyword: str, location: str = "") -> tuple[Expected, ...]:
    return (Expected("behaviour", location, keyword),)


def _statuses(contract: Contract) -> Iterator[HttpMutant]:
    for status, reason in ((401, "not authorized"), (403, "no known job"), (404, "no known job")):
        rule = f"a known job is answered 200, not {status}"
        wrap = replies(_refusal(contract, status))
        yield HttpMutant(f"answers-{status}", rule, wrap, reason=reason)
    for status in (500, 503):
        rule = f"a known job is answered 200, not {status}"
        yield HttpMutant(f"answers-{status}", rule, replies(_status(status)), reason="server error")
    for status in (201, 202, 203, 400, 410, 418, 451):
        rule = f"the contract documents {', '.join(contract.responses)}, not {status}"
        yield HttpMutant(f"answers-{status}", rule, replies(_status(status)), _found("status"))
    rule = "the contract documents no 204, and a job needs a body"
    yield HttpMutant("answers-204", rule, replies(_no_content), _found("status"))
    for status in (301, 302, 307):
        rule = "an API answers; a redirect would take the token along"
        yield HttpMutant(
            f"redirects-{status}-to-a-login-page",
            rule,
            replies(partial(_redirect, status)),
            _found("redirect"),
        )
    limited = contract.responses.get("429")
    names = [name.lower() for name in limited.headers] if limited else []
    rule = "a 429 says in its headers when to ask again"
    refusal = _refusal(contract, 429)
    yield HttpMutant(
        "answers-429-without-headers",
        rule,
        replies(refusal),
        reason="rate limit",
        warning="rate limit: the header",
    )
    rule = "who has spent the limit gets nothing until it starts anew"
    spent = replies(lambda reply: _spent(refusal(reply), names))
    yield HttpMutant("answers-429", rule, spent, reason="rate limit")
    rule = "who has nothing left is answered 429"
    ignored = replies(lambda reply: _spent(reply, names))
    yield HttpMutant("ignores-its-rate-limit", rule, ignored, reason="rate limit")
    rule = "a server that works answers every call"
    flaky = _Tenth()
    yield HttpMutant(
        "fails-a-tenth-of-the-calls",
        rule,
        replies(flaky),
        warning="fails now and then",
    )


def _bodies(contract: Contract) -> Iterator[HttpMutant]:
    first = next(iter(next(iter(contract.variants.values())).properties))
    page = b"<!doctype html><title>Sign in</title><h1>Sign in</h1>"
    key = json.dumps(first).encode()
    bodies: dict[str, tuple[str, Callable[[bytes], bytes], tuple[Expected, ...]]] = {
        "sends-no-body": ("a 200 has a job", lambda _: b"", _found("json")),
        "sends-half-a-body": ("a body is one JSON value", lambda body: body[:-9], _found("json")),
        "sends-the-body-twice": ("a body is one JSON value", lambda body: body * 2, _found("json")),
        "sends-a-page": ("a body is JSON", lambda _: page, _found("json")),
        "sends-single-quotes": ("a body is JSON", _with_single_quotes, _found("json")),
        "sends-a-byte-order-mark": (
            "RFC 8259: no byte order mark",
            lambda body: b"\xef\xbb\xbf" + body,
            _found("json"),
        ),
        "sends-latin-1": (
            "RFC 8259: JSON is UTF-8",
            lambda body: body[:-1] + b',"\xe9":0}',
            _found("encoding"),
        ),
        "sends-utf-16": (
            "RFC 8259: JSON is UTF-8",
            lambda body: body.decode().encode("utf-16"),
            _found("encoding"),
        ),
        "repeats-a-key": (
            "a key stands in an object once",
            lambda body: b"{" + key + b":null," + body[1:],
            _found("duplicate-key", join("", first)),
        ),
        "sends-nan": ("JSON has no NaN", lambda _: b"NaN", _found("non-finite-number")),
        "nests-without-end": (
            "a job is a few levels deep",
            lambda _: b"[" * 100_000 + b"]" * 100_000,
            _found("depth"),
        ),
    }
    for name, (rule, change, expected) in bodies.items():
        yield HttpMutant(name, rule, _bodies_changed(change), expected)
    types = {"html": "text/html", "text": "text/plain; charset=utf-8", "xml": "application/xml"}
    for name, media_type in types.items():
        wrap = replies(partial(_called, media_type))
        rule = "the contract documents another media type"
        yield HttpMutant(f"calls-it-{name}", rule, wrap, _found("media-type"))
    wrap = replies(lambda reply: reply.with_header("content-type", None))
    yield HttpMutant("says-no-media-type", "a body has a type", wrap, _found("media-type"))


def _framings() -> Iterator[HttpMutant]:
    rule = "RFC 9112: a body has the length that its header says"
    yield HttpMutant("breaks-off-a-body", rule, sending(_break_off), _found("framing"))
    rule = "RFC 9112: the last chunk is empty"
    yield HttpMutant("breaks-off-the-chunks", rule, sending(_break_off_chunks), _found("framing"))
    rule = "RFC 9112: a response has one length"
    yield HttpMutant("says-two-lengths", rule, sending(_two_lengths), _found("framing"))
    rule = "RFC 1952: a gzip body ends with its checksum"
    cut = replies(lambda reply: _zipped(reply, gzip.compress(reply.body, mtime=0)[:-20]))
    yield HttpMutant("breaks-off-gzip", rule, cut, _found("framing"))
    rule = "RFC 9110: content is encoded as its header says"
    plain = replies(lambda reply: _zipped(reply, reply.body))
    yield HttpMutant("calls-it-gzip", rule, plain, _found("content-encoding"))
    rule = "RFC 9110: only encodings that the client accepts"
    other = replies(lambda reply: reply.with_header("content-encoding", "br"))
    yield HttpMutant("calls-it-brotli", rule, other, _found("content-encoding"))
    rule = "a job is a few kilobytes"
    bomb = gzip.compress(b" " * 64_000_000, mtime=0)
    wrap = replies(lambda reply: _zipped(reply, bomb))
    yield HttpMutant("sends-a-gzip-bomb", rule, wrap, _found("size"))
    rule = "a server answers while somebody waits"
    yield HttpMutant("is-slow", rule, sending(_late), reason="timeout")
    yield HttpMutant("drips", rule, sending(_drip), reason="timeout")


def _requests(contract: Contract) -> Iterator[HttpMutant]:
    rule = "the contract's security applies to every request"
    yield HttpMutant(
        "needs-no-credential", rule, requests(_without_credential), _found("authentication")
    )
    yield HttpMutant(
        "takes-any-credential", rule, requests(_any_credential), _found("authentication")
    )
    identity = _found("identity", join("", contract.identity or ""))
    rule = "a job is the one that was asked for"
    yield HttpMutant("answers-with-another-job", rule, requests(_another), identity)
    yield HttpMutant("answers-with-another-variant", rule, requests(_another_variant), identity)
    rule = "an id that nobody knows is answered 404"
    yield HttpMutant("knows-every-id", rule, requests(_any_id), _found("unknown-id"))
    rule = "an id that is no uuid is answered 4xx"
    yield HttpMutant("takes-any-text-for-an-id", rule, requests(_any_text), _found("invalid-id"))
    yield HttpMutant("fails-on-a-bad-id", rule, _fails_on_a_bad_id, _found("status"))
    rule = "RFC 9110: a 405 says in Allow what may be sent"
    no_allow = replies(
        lambda reply: reply.with_header("allow", None), lambda reply: reply.status == _NOT_ALLOWED
    )
    yield HttpMutant("says-405-without-allow", rule, no_allow, _found("allow"), probes_methods=True)
    rule = "the contract documents no other method"
    yield HttpMutant(
        "takes-any-method", rule, requests(_any_method), _found("allow"), probes_methods=True
    )


def _status(status: int) -> Callable[[Reply], Reply]:
    return lambda reply: evolve(reply, status=status)


def _refusal(contract: Contract, status: int) -> Callable[[Reply], Reply]:
    body = error_body(contract, status)
    return lambda reply: evolve(reply, status=status).with_body(body)


def _bodies_changed(change: Callable[[bytes], bytes]) -> Wrap:
    return replies(lambda reply: reply.with_body(change(reply.body)))


def _called(media_type: str, reply: Reply) -> Reply:
    return reply.with_header("content-type", media_type)


def _no_content(_: Reply) -> Reply:
    return Reply(204, {}, b"")


def _redirect(status: int, reply: Reply) -> Reply:
    return evolve(reply, status=status).with_body(b"").with_header("location", "/login")


def _spent(reply: Reply, names: list[str]) -> Reply:
    """`reply` with the rate-limit headers of somebody who has nothing left for an hour."""
    for name in names:
        number = int(time.time()) + _HOUR if name.endswith("reset") else 0
        reply = reply.with_header(name, str(number))
    return reply


class _Tenth:
    """Fails every tenth time that it is asked."""

    def __init__(self) -> None:
        self.calls = count(_TENTH - 1)  # early, so that a short run meets a failure too

    def __call__(self, reply: Reply) -> Reply:
        return evolve(reply, status=500) if next(self.calls) % _TENTH == 0 else reply


def _with_single_quotes(body: bytes) -> bytes:
    return body.replace(b"'", b"").replace(b'"', b"'")


def _zipped(reply: Reply, body: bytes) -> Reply:
    return reply.with_body(body).with_header("content-encoding", "gzip")


async def _break_off(reply: Reply, send: Send) -> None:
    """Say the whole length and send half; the server then closes the connection."""
    await send(reply.start)
    half = reply.body[: len(reply.body) // 2]
    await send({"type": "http.response.body", "body": half, "more_body": True})


async def _break_off_chunks(reply: Reply, send: Send) -> None:
    await _break_off(reply.with_header("content-length", None), send)


async def _two_lengths(reply: Reply, send: Send) -> None:
    start = reply.with_header("content-length", None).start
    length = len(reply.body)
    start["headers"] += [
        (b"content-length", b"%d" % (length - 1)),
        (b"content-length", b"%d" % length),
    ]
    await send(start)
    await send({"type": "http.response.body", "body": reply.body[:-1]})


async def _late(reply: Reply, send: Send) -> None:
    await asyncio.sleep(_SLOW)
    await send(reply.start)
    await send({"type": "http.response.body", "body": reply.body})


async def _drip(reply: Reply, send: Send) -> None:
    await send(reply.start)
    for index in range(len(reply.body)):
        await asyncio.sleep(_DRIP)
        more = index + 1 < len(reply.body)
        part = reply.body[index : index + 1]
        await send({"type": "http.response.body", "body": part, "more_body": more})


def _without_credential(scope: Scope, _: str, __: Site) -> Scope:
    named = any(name == b"authorization" for name, _ in scope["headers"])
    return scope if named else with_credential(scope, _ANY)


def _any_credential(scope: Scope, _: str, __: Site) -> Scope:
    named = any(name == b"authorization" for name, _ in scope["headers"])
    return with_credential(scope, _ANY) if named else scope


def _another(scope: Scope, value: str, site: Site) -> Scope:
    """The job before the one that was asked for, of the same variant."""
    variants = site.population.variants
    if value not in variants:
        return scope
    same = [job_id for job_id, name in variants.items() if name == variants[value]]
    return asked_for(scope, site, same[same.index(value) - 1])


def _another_variant(scope: Scope, value: str, site: Site) -> Scope:
    variants = site.population.variants
    if value not in variants:
        return scope
    others = [job_id for job_id, name in variants.items() if name != variants[value]]
    return asked_for(scope, site, others[0])


def _any_id(scope: Scope, value: str, site: Site) -> Scope:
    known = value in site.population.jobs or not _is_uuid(value)
    return scope if known else asked_for(scope, site, next(iter(site.population.jobs)))


def _any_text(scope: Scope, value: str, site: Site) -> Scope:
    return scope if _is_uuid(value) else asked_for(scope, site, next(iter(site.population.jobs)))


def _any_method(scope: Scope, _: str, __: Site) -> Scope:
    return {**scope, "method": "GET"}


def _fails_on_a_bad_id(app: ASGIApp, site: Site) -> ASGIApp:
    failing = replies(_status(500), lambda _: True)(app, site)

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
