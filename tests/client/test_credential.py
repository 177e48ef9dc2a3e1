"""The credential is sent, and otherwise shown nowhere."""

from __future__ import annotations

import asyncio
import copy
import io
import logging
import pickle
import traceback
from types import FunctionType
from typing import TYPE_CHECKING, Any, NoReturn

import httpx
import pytest
from rich.console import Console
from rich.pretty import pretty_repr
from rich.traceback import Traceback

from qovery_job_client import ApiError, AuthenticatedClient, Client, TransportError, get_job
from tests.client.calling import call, call_detailed
from tests.client.payloads import JOB_ID
from tests.server import responding, response, serve

if TYPE_CHECKING:
    from collections.abc import Callable

SECRET = "s3cr3t-v4lue"


def shown_with_locals(error: BaseException) -> str:
    """The error as rich and the standard library print it, with the variables of each frame."""
    out = io.StringIO()
    found = Traceback.from_exception(
        type(error), error, error.__traceback__, show_locals=True, locals_max_string=10_000
    )
    Console(file=out, width=300).print(found)
    whole = traceback.TracebackException.from_exception(error, capture_locals=True)
    return out.getvalue() + "".join(whole.format())


def test_client_shows_no_credential() -> None:
    """Not in repr, str, vars or a pretty print, at any depth."""
    client = AuthenticatedClient(SECRET)

    shown = [repr(client), str(client), str(vars(client)), pretty_repr(client)]
    shown += [repr(value) for value in vars(client).values()]

    assert SECRET not in "".join(shown)
    assert "***" in repr(client._credential)


@pytest.mark.parametrize("copied", [pickle.dumps, copy.copy, copy.deepcopy])
def test_client_is_never_pickled(copied: Callable[[Any], Any]) -> None:
    """A pickle would carry the credential to a file; the error says what to do instead."""
    client = AuthenticatedClient(SECRET)

    with pytest.raises(TypeError, match="create a new one") as raised:
        copied(client)
    with pytest.raises(TypeError, match="cannot be pickled"):
        pickle.dumps(client._credential)

    assert SECRET not in str(raised.value)


@pytest.mark.parametrize("bad", ["", "a b", "a\nb", "a\r\nX: y", "é" + SECRET, "\x00", None, 5])
def test_bad_token_is_refused_without_being_shown(bad: Any) -> None:
    """A token that is invalid in a header fails at once, and the message does not repeat it."""
    with pytest.raises((ValueError, TypeError)) as raised:
        AuthenticatedClient(bad)

    assert SECRET not in str(raised.value)
    assert "token" in str(raised.value)


@pytest.mark.parametrize("name", ["Authorization", "authorization"])
def test_credential_is_no_further_header(name: str) -> None:
    """The header is refused as an option, so that it is never printed like other headers."""
    client = AuthenticatedClient("x")

    with pytest.raises(ValueError, match="pass the token") as raised:
        client.with_options(headers={name: SECRET})
    with pytest.raises(ValueError, match="pass the token"):
        AuthenticatedClient("x", headers={name: SECRET})

    assert SECRET not in str(raised.value)


def test_further_headers_are_not_shown() -> None:
    """They may contain secrets too."""
    client = AuthenticatedClient("x", headers={"X-Secret": SECRET})

    assert SECRET not in str(vars(client))


def test_bad_prefix_is_refused() -> None:
    """A prefix is one word."""
    with pytest.raises(ValueError, match="prefix"):
        AuthenticatedClient(SECRET, prefix="Token:\r\n")


def fail(request: httpx.Request, error: BaseException) -> NoReturn:
    """Raise with the request's headers in a variable, as the frames of httpcore do."""
    headers = list(request.headers.raw)
    assert any(SECRET.encode() in value for _, value in headers)
    raise error


fail = FunctionType(fail.__code__, {"SECRET": SECRET, "__name__": "httpcore._sync.pool"})


class Breaking(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """A transport that fails in a nested call."""

    def __init__(self, error: BaseException) -> None:
        self.error = error

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Fail."""
        return fail(request, self.error)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Fail."""
        return self.handle_request(request)


@pytest.mark.parametrize("awaited", [False, True], ids=["sync", "asyncio"])
def test_transport_error_shows_no_credential(*, awaited: bool) -> None:
    """Not in the message, the cause, its request, or any frame's variables."""
    failure = httpx.WriteError("broken pipe")
    transport = Breaking(failure)
    client = AuthenticatedClient(
        SECRET, transport=transport, async_transport=transport, retries=None
    )

    with pytest.raises(TransportError) as raised:
        call(client, awaited=awaited)

    assert raised.value.__cause__ is failure
    assert failure._request is None
    assert SECRET not in shown_with_locals(raised.value)


@pytest.mark.parametrize("awaited", [False, True], ids=["sync", "asyncio"])
@pytest.mark.parametrize("failure", [KeyError("hook"), RuntimeError("unmocked")], ids=repr)
def test_other_errors_are_raised_as_they_are(failure: Exception, *, awaited: bool) -> None:
    """The error of a hook or a mock is raised once, not wrapped."""
    transport = Breaking(failure)
    client = AuthenticatedClient(SECRET, transport=transport, async_transport=transport)

    with pytest.raises(type(failure)) as raised:
        call(client, awaited=awaited)

    assert raised.value is failure
    assert "handle_" in "".join(traceback.format_exception(raised.value))  # the owner's frame
    assert SECRET not in shown_with_locals(raised.value)


@pytest.mark.parametrize("failure", [KeyboardInterrupt(), asyncio.CancelledError()], ids=repr)
def test_interruption_shows_no_credential(failure: BaseException) -> None:
    """An interrupt during a request does not show it either."""
    client = AuthenticatedClient(SECRET, transport=Breaking(failure))

    with pytest.raises(type(failure)) as raised:
        call(client)

    assert SECRET not in shown_with_locals(raised.value)


@pytest.mark.parametrize("sent", [b"", b"no http\r\n\r\n", response(status="500 Oops"), response()])
def test_failure_over_real_http_shows_no_credential(
    sent: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    """No error of a real connection shows it, and no log at any level."""
    caplog.set_level(logging.DEBUG)

    with serve(responding(sent)) as server:
        client = AuthenticatedClient(SECRET, server.url, timeout=0.2, retries=None)
        with pytest.raises(ApiError) as raised:
            call(client)

    assert SECRET.encode() in server.requests[0].raw
    assert SECRET not in shown_with_locals(raised.value)
    assert SECRET not in repr(raised.value.__dict__)
    assert SECRET.encode() not in pickle.dumps(raised.value)
    assert SECRET not in caplog.text


def test_response_shows_no_credential() -> None:
    """A response does not contain the request."""
    with serve(responding(response(status="404 Not Found"))) as server:
        received = call_detailed(AuthenticatedClient(SECRET, server.url))

    assert SECRET not in repr(received)
    assert SECRET.encode() not in pickle.dumps(received)


def test_bad_call_shows_no_credential() -> None:
    """The error for an invalid id does not show it either."""
    client = AuthenticatedClient(SECRET)

    with pytest.raises(ValueError, match="invalid id") as raised:
        get_job.sync(JOB_ID + "x", client=client)

    assert SECRET not in shown_with_locals(raised.value)


CONSTRUCTIONS: list[Callable[[], object]] = [
    lambda: AuthenticatedClient(SECRET, "nowhere"),
    lambda: AuthenticatedClient(SECRET, "https://u:p@x"),
    lambda: AuthenticatedClient(SECRET, prefix="Token:"),
    lambda: AuthenticatedClient(SECRET + "\n"),
    lambda: AuthenticatedClient(SECRET + " x"),
    lambda: AuthenticatedClient(SECRET.encode()),  # type: ignore[arg-type]
    lambda: AuthenticatedClient(SECRET, retries="x"),  # type: ignore[arg-type]
    lambda: AuthenticatedClient(SECRET, timeout=-1),
    lambda: AuthenticatedClient(SECRET, app="a\nb"),
    lambda: AuthenticatedClient(SECRET, httpx_args={"auth": ("a", "b")}),
    lambda: AuthenticatedClient("x", headers={"Authorization": SECRET}),
    lambda: Client(headers={"Authorization": SECRET}),
    lambda: Client().with_options(headers={"Authorization": SECRET}),
    lambda: Client().get_job(JOB_ID, headers={"Authorization": SECRET}),
    lambda: get_job.sync(JOB_ID, client=Client(), headers={"Authorization": SECRET}),
    lambda: asyncio.run(Client().aget_job(JOB_ID, headers={"Authorization": SECRET})),
    lambda: asyncio.run(
        get_job.asyncio(JOB_ID, client=Client(), headers={"Authorization": SECRET})
    ),
    lambda: AuthenticatedClient.from_env("nowhere"),
]


@pytest.mark.parametrize("construct", CONSTRUCTIONS, ids=range(len(CONSTRUCTIONS)))
def test_failed_construction_shows_no_credential(
    construct: Callable[[], object], monkeypatch: pytest.MonkeyPatch
) -> None:
    """No frame that the error passed has the secret in a variable."""
    monkeypatch.setenv("QOVERY_API_TOKEN", SECRET)

    with pytest.raises((ValueError, TypeError)) as raised:
        construct()

    # Lines of source show the test's own expressions, never the value of `SECRET`.
    assert SECRET not in shown_with_locals(raised.value)


def test_line_break_after_the_token_is_named() -> None:
    """`$(cat file)` drops the line break, but a file read in Python keeps it."""
    with pytest.raises(ValueError, match="line break; strip it"):
        AuthenticatedClient(SECRET + "\n")


def test_repr_of_a_half_built_client() -> None:
    """Debuggers and rich show objects whose constructor failed."""
    assert repr(AuthenticatedClient.__new__(AuthenticatedClient))
