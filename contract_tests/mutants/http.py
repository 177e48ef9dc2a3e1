"""The HTTP mutants: servers with one deliberate fault in how they answer.

What is wrong inside a body is the business of the body mutants. Must never know what a property
of the job is called.
"""

from __future__ import annotations

import gzip
import json
from functools import partial
from typing import TYPE_CHECKING

from attrs import field, frozen

from contract_tests.mutants import http_faults as behaviour
from contract_tests.mutants.faults import Expected
from contract_tests.mutants.replies import replies, requests, sending
from contract_tests.oracle.finding import Kind
from contract_tests.spec.security import schemes
from contract_tests.spec.values import join

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from contract_tests.mutants.replies import Wrap
    from contract_tests.spec.contract import Contract

_NOT_ALLOWED = 405


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
    return (Expected(Kind.BEHAVIOR, location, keyword),)


def _statuses(contract: Contract) -> Iterator[HttpMutant]:
    for status, reason in ((401, "not authorized"), (403, "no known job"), (404, "no known job")):
        rule = f"a known job is answered 200, not {status}"
        wrap = replies(behaviour.refusal(contract, status))
        yield HttpMutant(f"answers-{status}", rule, wrap, reason=reason)
    for status in (500, 503):
        rule = f"a known job is answered 200, not {status}"
        yield HttpMutant(
            f"answers-{status}", rule, replies(behaviour.says(status)), reason="server error"
        )
    for status in (201, 202, 203, 400, 410, 418, 451):
        if str(status) in contract.responses:
            continue
        rule = f"the contract documents {', '.join(contract.responses)}, not {status}"
        yield HttpMutant(
            f"answers-{status}", rule, replies(behaviour.says(status)), _found("status")
        )
    rule = "the contract documents no 204, and a job needs a body"
    yield HttpMutant("answers-204", rule, replies(behaviour.no_content), _found("status"))
    for status in (301, 302, 307):
        rule = "an API answers; a redirect would take the token along"
        yield HttpMutant(
            f"redirects-{status}-to-a-login-page",
            rule,
            replies(partial(behaviour.redirect, status)),
            _found("redirect"),
        )
    limited = contract.responses.get("429")
    names = [name.lower() for name in limited.headers] if limited else []
    rule = "a 429 says in its headers when to ask again"
    refusal = behaviour.refusal(contract, 429)
    yield HttpMutant(
        "answers-429-without-headers",
        rule,
        replies(refusal),
        reason="rate limit",
        warning="rate limit: the header",
    )
    rule = "who has spent the limit gets nothing until it starts anew"
    spent = replies(lambda reply: behaviour.spent(refusal(reply), names))
    yield HttpMutant("answers-429", rule, spent, reason="rate limit")
    rule = "who has nothing left is answered 429"
    ignored = replies(lambda reply: behaviour.spent(reply, names))
    yield HttpMutant("ignores-its-rate-limit", rule, ignored, reason="rate limit")
    rule = "a server that works answers every call"
    flaky = behaviour.Tenth()
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
        "sends-single-quotes": ("a body is JSON", behaviour.with_single_quotes, _found("json")),
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
        yield HttpMutant(name, rule, behaviour.bodies_changed(change), expected)
    types = {"html": "text/html", "text": "text/plain; charset=utf-8", "xml": "application/xml"}
    for name, media_type in types.items():
        wrap = replies(partial(behaviour.called, media_type))
        rule = "the contract documents another media type"
        yield HttpMutant(f"calls-it-{name}", rule, wrap, _found("media-type"))
    wrap = replies(lambda reply: reply.with_header("content-type", None))
    yield HttpMutant("says-no-media-type", "a body has a type", wrap, _found("media-type"))


def _framings() -> Iterator[HttpMutant]:
    rule = "RFC 9112: a body has the length that its header says"
    yield HttpMutant("breaks-off-a-body", rule, sending(behaviour.break_off), _found("framing"))
    rule = "RFC 9112: the last chunk is empty"
    yield HttpMutant(
        "breaks-off-the-chunks", rule, sending(behaviour.break_off_chunks), _found("framing")
    )
    rule = "RFC 9112: a response has one length"
    yield HttpMutant("says-two-lengths", rule, sending(behaviour.two_lengths), _found("framing"))
    rule = "RFC 1952: a gzip body ends with its checksum"
    cut = replies(lambda reply: behaviour.zipped(reply, gzip.compress(reply.body, mtime=0)[:-20]))
    yield HttpMutant("breaks-off-gzip", rule, cut, _found("framing"))
    rule = "RFC 9110: content is encoded as its header says"
    plain = replies(lambda reply: behaviour.zipped(reply, reply.body))
    yield HttpMutant("calls-it-gzip", rule, plain, _found("content-encoding"))
    rule = "RFC 9110: only encodings that the client accepts"
    other = replies(lambda reply: reply.with_header("content-encoding", "br"))
    yield HttpMutant("calls-it-brotli", rule, other, _found("content-encoding"))
    rule = "a job is a few kilobytes"
    bomb = replies(lambda reply: behaviour.zipped(reply, behaviour.bomb()))
    yield HttpMutant("sends-a-gzip-bomb", rule, bomb, _found("size"))
    rule = "a server answers while somebody waits"
    yield HttpMutant("is-slow", rule, sending(behaviour.late), reason="timeout")
    yield HttpMutant("drips", rule, sending(behaviour.drip), reason="timeout")


def _requests(contract: Contract) -> Iterator[HttpMutant]:
    if schemes(contract):
        rule = "the contract's security applies to every request"
        found = _found("authentication")
        yield HttpMutant("needs-no-credential", rule, requests(behaviour.without_credential), found)
        yield HttpMutant("takes-any-credential", rule, requests(behaviour.any_credential), found)
    identity = _found("identity", join("", contract.identity or ""))
    rule = "a job is the one that was asked for"
    yield HttpMutant("answers-with-another-job", rule, requests(behaviour.another), identity)
    yield HttpMutant(
        "answers-with-another-variant", rule, requests(behaviour.another_variant), identity
    )
    rule = "an id that nobody knows is answered 404"
    yield HttpMutant("knows-every-id", rule, requests(behaviour.any_id), _found("unknown-id"))
    rule = "an id that is no uuid is answered 4xx"
    yield HttpMutant(
        "takes-any-text-for-an-id", rule, requests(behaviour.any_text), _found("invalid-id")
    )
    yield HttpMutant("fails-on-a-bad-id", rule, behaviour.fails_on_a_bad_id, _found("status"))
    rule = "RFC 9110: a 405 says in Allow what may be sent"
    no_allow = replies(
        lambda reply: reply.with_header("allow", None), lambda reply: reply.status == _NOT_ALLOWED
    )
    yield HttpMutant("says-405-without-allow", rule, no_allow, _found("allow"), probes_methods=True)
    rule = "the contract documents no other method"
    yield HttpMutant(
        "takes-any-method",
        rule,
        requests(behaviour.any_method),
        _found("allow"),
        probes_methods=True,
    )
