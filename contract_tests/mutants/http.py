"""The HTTP mutants: servers with one deliberate fault in how they respond.

Body mutants cover the faults inside a body.
"""

from __future__ import annotations

import gzip
import json
from functools import partial
from typing import TYPE_CHECKING

from attrs import frozen

from contract_tests.instances.ids import invalid
from contract_tests.mutants import http_faults as server
from contract_tests.mutants.faults import Expected
from contract_tests.mutants.middleware import replies, requests, sending
from contract_tests.oracle.finding import ADDITION, Kind
from contract_tests.spec.security import schemes
from contract_tests.spec.values import join

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from contract_tests.mutants.middleware import Wrap
    from contract_tests.spec.contract import Contract

_NOT_ALLOWED = 405


@frozen
class HttpMutant:
    """A server with one deliberate fault.

    Attributes:
        name: Its name.
        rule: The rule that it breaks, as a sentence.
        wrap: Adds the fault to a server.
        expected: The findings that must be reported; none if the run is inconclusive.
        reason: Why a run against it is inconclusive, if it is.
        probes_methods: Whether only a run that sends methods other than GET can find it.
        warning: Part of the warning that a run must give, if the fault does not affect the verdict.
        every_job: Whether a run must request every job to find it.
        family: The kind of fault.
    """

    name: str
    rule: str
    wrap: Wrap
    expected: tuple[Expected, ...] = ()
    reason: str | None = None
    probes_methods: bool = False
    warning: str | None = None
    every_job: bool = False
    family: str = "http"


def http_mutants(contract: Contract) -> dict[str, HttpMutant]:
    """Return every HTTP mutant by name."""
    return {
        mutant.name: mutant
        for group in (
            _statuses(contract),
            _rate_limits(contract),
            _bodies(contract),
            _framings(),
            _credentials(contract),
            _ids(contract),
            _methods(),
            _whole_runs(),
        )
        for mutant in group
    }


def _found(keyword: str, location: str = "") -> tuple[Expected, ...]:
    return (Expected(Kind.BEHAVIOR, location, keyword),)


def _statuses(contract: Contract) -> Iterator[HttpMutant]:
    for status, reason in ((401, "not authorized"), (403, "no known job"), (404, "no known job")):
        rule = f"a known job has status 200, not {status}"
        wrap = replies(server.refusal(contract, status))
        yield HttpMutant(f"returns-{status}", rule, wrap, reason=reason)
    for status in (500, 503):
        rule = f"a known job has status 200, not {status}"
        wrap = replies(server.with_status(status))
        yield HttpMutant(f"returns-{status}", rule, wrap, reason="server error")
    for status in (201, 202, 203, 400, 410, 418, 451):
        if str(status) not in contract.responses:
            rule = f"the contract documents {', '.join(contract.responses)}, not {status}"
            wrap = replies(server.with_status(status))
            yield HttpMutant(f"returns-{status}", rule, wrap, _found("status"))
    rule = "the contract documents no 204, and a job needs a body"
    yield HttpMutant("returns-204", rule, replies(server.no_content), _found("status"))
    for status in (301, 302, 307):
        wrap = replies(partial(server.redirect, status))
        rule = "the token would be sent to the target of a redirect"
        yield HttpMutant(f"redirects-{status}-to-a-login-page", rule, wrap, _found("redirect"))
    yield HttpMutant(
        "fails-a-tenth-of-the-calls",
        "a working server responds to every request",
        replies(server.every_tenth_fails()),
        warning="fails intermittently",
        every_job=True,
    )


def _rate_limits(contract: Contract) -> Iterator[HttpMutant]:
    limited = contract.responses.get("429")
    names = [name.lower() for name in limited.headers] if limited else []
    refusal = server.refusal(contract, 429)
    if names:
        yield HttpMutant(
            "returns-429-without-headers",
            "the headers of a 429 state when to try again",
            replies(refusal),
            reason="rate limit",
            warning="rate limit: the header",
        )
        yield HttpMutant(
            "returns-429-after-two-responses",
            "an incomplete run is not clean",
            replies(server.after(2, lambda reply: server.exhausted(refusal(reply), names))),
            reason="rate limit",
        )
    yield HttpMutant(
        "returns-429",
        "a client over the limit gets no job until it resets",
        replies(lambda reply: server.exhausted(refusal(reply), names)),
        reason="rate limit",
    )
    if names:
        yield HttpMutant(
            "ignores-its-rate-limit",
            "a client over the limit gets a 429",
            replies(lambda reply: server.exhausted(reply, names)),
            reason="rate limit",
        )


def _bodies(contract: Contract) -> Iterator[HttpMutant]:
    first = next(iter(next(iter(contract.variants.values())).properties), "id")
    page = b"<!doctype html><title>Sign in</title><h1>Sign in</h1>"
    key = json.dumps(first).encode()
    one_value, is_json, utf_8 = "a body is one JSON value", "a body is JSON", "JSON is UTF-8"
    bodies: dict[str, tuple[str, Callable[[bytes], bytes], tuple[Expected, ...]]] = {
        "sends-no-body": ("a 200 has a job", lambda _: b"", _found("json")),
        "sends-half-a-body": (one_value, lambda body: body[:-9], _found("json")),
        "sends-the-body-twice": (one_value, lambda body: body * 2, _found("json")),
        "sends-a-page": (is_json, lambda _: page, _found("json")),
        "sends-single-quotes": (is_json, server.with_single_quotes, _found("json")),
        "sends-a-byte-order-mark": (utf_8, lambda body: b"\xef\xbb\xbf" + body, _found("json")),
        "sends-latin-1": (utf_8, lambda body: body[:-1] + b',"\xe9":0}', _found("encoding")),
        "sends-utf-16": (
            utf_8,
            lambda body: body.decode().encode("utf-16"),
            _found("encoding"),
        ),
        "repeats-a-key": (
            "an object has a key once",
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
        yield HttpMutant(name, rule, server.with_body(change), expected)
    media_types = {
        "calls-it-html": "text/html",
        "calls-it-text": "text/plain; charset=utf-8",
        "calls-it-xml": "application/xml",
        "says-no-media-type": None,
    }
    for name, media_type in media_types.items():
        yield HttpMutant(
            name,
            "a body has the documented media type",
            replies(lambda reply, value=media_type: reply.with_header("content-type", value)),  # type: ignore[misc]
            _found("media-type"),
        )


def _framings() -> Iterator[HttpMutant]:
    rule = "RFC 9112: a body has the length in its header"
    yield HttpMutant("breaks-off-a-body", rule, sending(server.truncated), _found("framing"))
    rule = "RFC 9112: the last chunk is empty"
    wrap = sending(server.truncated_chunks)
    yield HttpMutant("breaks-off-the-chunks", rule, wrap, _found("framing"))
    rule = "RFC 9112: a response has one length"
    yield HttpMutant("says-two-lengths", rule, sending(server.two_lengths), _found("framing"))
    rule = "RFC 1952: a gzip body ends with its checksum"
    cut = replies(lambda reply: server.zipped(reply, gzip.compress(reply.body, mtime=0)[:-20]))
    yield HttpMutant("breaks-off-gzip", rule, cut, _found("framing"))
    rule = "RFC 9110: content is encoded as its header says"
    plain = replies(lambda reply: server.zipped(reply, reply.body))
    yield HttpMutant("calls-it-gzip", rule, plain, _found("content-encoding"))
    rule = "RFC 9110: only encodings that the client accepts"
    other = replies(lambda reply: reply.with_header("content-encoding", "br"))
    yield HttpMutant("calls-it-brotli", rule, other, _found("content-encoding"))
    rule = "a job has a few kilobytes"
    bomb = replies(lambda reply: server.zipped(reply, server.bomb()))
    yield HttpMutant("sends-a-gzip-bomb", rule, bomb, _found("size"))
    rule = "a server responds before clients give up"
    yield HttpMutant("is-slow", rule, sending(server.late), reason="timeout")
    yield HttpMutant("drips", rule, sending(server.drip), reason="timeout")


def _credentials(contract: Contract) -> Iterator[HttpMutant]:
    changes = {
        "needs-no-credential": server.accept_missing_credential,
        "takes-any-credential": server.accept_any_credential,
    }
    for name, change in changes.items() if schemes(contract) else ():
        rule = "the contract's security applies to every request"
        yield HttpMutant(name, rule, requests(change), _found("authentication"))


def _ids(contract: Contract) -> Iterator[HttpMutant]:
    if contract.identity is not None:
        identity = _found("identity", join("", contract.identity))
        rule = "a response has the requested job"
        wrap = requests(server.another_job)
        yield HttpMutant("returns-another-job", rule, wrap, identity)
        if contract.job.branches:
            wrap = requests(server.another_variant)
            yield HttpMutant("returns-another-variant", rule, wrap, identity)
    rule = "an unknown id has status 404"
    yield HttpMutant("knows-every-id", rule, requests(server.any_id), _found("unknown-id"))
    if invalid(contract.id_schema) is not None:
        rule = "a malformed id has a status of 4xx"
        wrap = requests(server.any_text)
        yield HttpMutant("takes-any-text-for-an-id", rule, wrap, _found("invalid-id"))
        wrap = server.fails_on_a_malformed_id
        yield HttpMutant("fails-on-a-bad-id", rule, wrap, _found("status"))


def _methods() -> Iterator[HttpMutant]:
    rule = "RFC 9110: a 405 lists the allowed methods in Allow"
    wrap = replies(
        lambda reply: reply.with_header("allow", None), lambda reply: reply.status == _NOT_ALLOWED
    )
    yield HttpMutant("says-405-without-allow", rule, wrap, _found("allow"), probes_methods=True)
    rule = "the contract documents no other method"
    wrap = requests(server.any_method)
    yield HttpMutant("takes-any-method", rule, wrap, _found("allow"), probes_methods=True)


def _whole_runs() -> Iterator[HttpMutant]:
    """Yield the mutants that are visible only across responses for several jobs."""
    yield HttpMutant(
        "forgets-most-jobs",
        "a run that could check few of the known jobs is not clean",
        requests(server.only_the_first),
        reason="jobs",
        every_job=True,
    )
    yield HttpMutant(
        "breaks-each-first-response",
        "a fault in the responses for two jobs is drift, even if it does not repeat",
        server.first_responses(
            lambda reply: reply.with_body(reply.body[:-1] + b',"undocumented":0}')
        ),
        (Expected(Kind.ADDITION, "/undocumented", ADDITION),),
        every_job=True,
    )
