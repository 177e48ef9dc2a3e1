"""The one place where requests leave the process: what may be sent, how often, and for how long.

A live server receives GET requests only, because the same path accepts PUT and DELETE there. No
redirect is followed, because the token would be sent along. The only credentials are the run's own:
the token, or the wrong one of a probe. Whatever a server sends or withholds, a request ends within
a bound.
"""

from __future__ import annotations

import re
import time
from types import MappingProxyType
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import httpcore
import httpx
from attrs import evolve, frozen

from contract_tests.oracle.http_response import MAX_BYTES, BodyFault, HttpResponse, decode_body
from contract_tests.run.connection import connection_pool, trust_hint
from contract_tests.run.deadline import DeadlineBackend
from contract_tests.run.result import Reason
from contract_tests.spec.security import Place, RequestParts

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from contextlib import AbstractContextManager

    from contract_tests.run.target import Target

REQUEST_SECONDS = 10.0
RUN_SECONDS = 900.0  # plus one for each request of the budget
MAX_WAIT_SECONDS = 20.0  # the longest rate limit that a run waits for
_ATTEMPTS = 3  # for a request that the rate limit rejects
# Headers that could carry a credential.
_CREDENTIALS = frozenset({"authorization", "cookie", "proxy-authorization"})
AGENT = "qovery-job-client contract tests"


class RequestForbidden(Exception):  # noqa: N818 - a refusal, not an error of the server
    """A request that must not be sent: another method, host or credential."""


@frozen
class NoResponse(Exception):  # noqa: N818 - an outcome that callers expect
    """There is no response, or no request may be sent.

    Attributes:
        reason: Why not.
        message: The same as a sentence, with what to do.
    """

    reason: Reason
    message: str


class Transport:
    """A connection to one target, with a budget of requests.

    Attributes:
        target: The server that it sends to.
        sent: The number of requests sent.
        sleep: Waits for a number of seconds.
        retried: Responses after which the request was sent again, without their bodies.
    """

    def __init__(
        self,
        target: Target,
        budget: int,
        *,
        seconds: float = REQUEST_SECONDS,
        run_seconds: float = RUN_SECONDS,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """Prepare the connection without opening it.

        Args:
            target: The server to send to.
            budget: The maximum number of requests.
            seconds: The maximum duration of a request, from the first byte sent to the last byte
                received.
            run_seconds: The maximum duration of all requests, plus one second for each request of
                the budget.
            sleep: Waits for a number of seconds.

        Raises:
            TargetError: The CA file or the proxy that the environment names can't be used.
        """
        self.target = target
        self.sent = 0
        self.sleep = sleep
        self.retried: list[HttpResponse] = []
        self._budget = budget
        self._seconds = seconds
        self._ends_at = time.monotonic() + run_seconds + budget
        self._backend = DeadlineBackend()
        self._pool, self._route = connection_pool(target.url, self._backend)
        self._resume_at = 0.0

    @property
    def left(self) -> int:
        """The number of requests that may still be sent."""
        return self._budget - self.sent

    def close(self) -> None:
        """Close the connection."""
        self._pool.close()

    def drop_connection(self) -> None:
        """Open a new connection for the next request.

        Otherwise bytes beyond the stated length of a response would be read as the next response.
        """
        self._pool.close()

    def get(self, path: str, credential: str) -> HttpResponse:
        """Send a GET for `path` below the base URL, with the value of a credential or an empty one.

        Raises:
            RequestForbidden: The credential is not one of the run's own.
            NoResponse: No response arrived in time, or the budget or the server's rate limit is
                spent.
        """
        return self.send("GET", self.target.url + path, credential)

    def send(
        self,
        method: str,
        url: str,
        credential: str,
        headers: Mapping[str, str] = MappingProxyType({}),
        body: bytes | None = None,
    ) -> HttpResponse:
        """Send one request, after waiting if the server asked for it.

        Args:
            method: The method.
            url: The URL.
            credential: The value of the credential with the placeholder, empty for none.
            headers: Other headers.
            body: The body.

        Raises:
            RequestForbidden: This run may not send it.
            NoResponse: As for `get`.
        """
        headers = {name.lower(): value for name, value in headers.items()}
        self._guard(method, url, credential, headers)
        for _ in range(_ATTEMPTS):
            self._wait()
            response = self._send(method, url, credential, headers, body)
            limited = response.status == httpx.codes.TOO_MANY_REQUESTS
            if limited:
                self.note_retry(response)
            self._note_limit(response)
            if not limited:
                return response
        message = f"{_ATTEMPTS} attempts got a 429 despite waiting; run again later"
        raise NoResponse(Reason.RATE_LIMIT, message)

    def note_retry(self, response: HttpResponse) -> None:
        """Record a response, without its body, after which the request is sent again."""
        self.retried.append(evolve(response, body=b""))

    def _guard(self, method: str, url: str, credential: str, headers: Mapping[str, str]) -> None:
        if _origin(url) != _origin(self.target.url):
            message = f"a request to {_origin(url)}; expected {_origin(self.target.url)}"
            raise RequestForbidden(message)
        if method != "GET" and not self.target.embedded:
            raise RequestForbidden(f"a {method} request; a live server receives GET requests only")
        own = self.target.credential
        if credential not in {"", own.shown, own.garbage}:
            raise RequestForbidden("a credential that is not the run's own")
        for name in headers.keys() & _CREDENTIALS:
            raise RequestForbidden(f"a {name} header that is not the run's own")
        parts = RequestParts(headers, urlsplit(url).query)
        if own.scheme is not None and own.scheme.read(parts) is not None:
            message = f"a {own.scheme.place} {own.scheme.name} that is not the run's own"
            raise RequestForbidden(message)

    def _send(
        self,
        method: str,
        url: str,
        credential: str,
        headers: Mapping[str, str],
        body: bytes | None,
    ) -> HttpResponse:
        if self.left <= 0:
            message = f"the budget of {self._budget} requests is spent; raise it with --budget"
            raise NoResponse(Reason.BUDGET, message)
        now = time.monotonic()
        if now >= self._ends_at:
            message = "the run took too long; check fewer jobs, or try again later"
            raise NoResponse(Reason.RUN_TIME, message)
        self.sent += 1
        self._backend.deadline = now + self._seconds
        where = self.target.url + self._route
        try:
            with self._stream(method, url, credential, headers, body) as response:
                return _received(response)
        except httpcore.TimeoutException as error:
            message = f"{where} took longer than {self._seconds:g} s; try again later"
            raise NoResponse(Reason.TIMEOUT, message) from error
        except httpcore.ProxyError as error:
            message = f"{where}: the proxy refused the connection ({error}); check the proxy"
            raise NoResponse(Reason.UNREACHABLE, message) from error
        except httpcore.ConnectError as error:
            if "SSL" in str(error) or "CERT" in str(error):
                message = f"no TLS connection to {where} ({error}); {trust_hint()}"
                raise NoResponse(Reason.TLS, message) from error
            message = f"can't connect to {where} ({error}); check the base URL and the network"
            raise NoResponse(Reason.UNREACHABLE, message) from error
        except httpcore.RemoteProtocolError as error:
            if "disconnected" in str(error):
                message = f"{where} closed the connection without a response; try again later"
                raise NoResponse(Reason.UNREACHABLE, message) from error
            return HttpResponse(0, {}, b"", BodyFault("framing", "an HTTP response", str(error)))
        except (httpcore.NetworkError, OSError) as error:
            message = f"{where} interrupted the connection ({error}); try again later"
            raise NoResponse(Reason.UNREACHABLE, message) from error

    def _stream(
        self,
        method: str,
        url: str,
        credential: str,
        headers: Mapping[str, str],
        body: bytes | None,
    ) -> AbstractContextManager[httpcore.Response]:
        """Open a request with the token, which is nowhere else."""
        named = {
            "accept": "application/json",
            "accept-encoding": "gzip",
            "user-agent": AGENT,
        } | dict(headers)
        own, parts = self.target.credential, RequestParts(named, urlsplit(url).query)
        if credential and own.scheme is not None:
            parts = own.scheme.write(parts, own.reveal(credential))
            if own.scheme.place is Place.QUERY:
                url = urlsplit(url)._replace(query=parts.query).geturl()
        return self._pool.stream(
            method,
            url,
            headers=[
                (key.encode(), value.encode("latin-1")) for key, value in parts.headers.items()
            ],
            content=body,
        )

    def _note_limit(self, response: HttpResponse) -> None:
        """Remember when the server accepts requests again."""
        self._resume_at = 0.0
        seconds = _number(response.headers.get("retry-after"))
        reset = _number(response.headers.get("x-ratelimit-reset"))
        limited = response.status == httpx.codes.TOO_MANY_REQUESTS
        spent = response.headers.get("x-ratelimit-remaining") == "0"
        busy = response.status == httpx.codes.SERVICE_UNAVAILABLE
        if (limited or busy) and seconds is not None:
            self._resume_at = time.time() + seconds
        elif (limited or spent) and reset is not None:
            self._resume_at = reset
        elif limited:
            message = "the rate limit is used up, and the server does not say when it resets"
            raise NoResponse(Reason.RATE_LIMIT, f"{message}; run again later")

    def _wait(self) -> None:
        seconds = self._resume_at - time.time()
        if seconds > MAX_WAIT_SECONDS:
            message = f"the rate limit is used up and resets in {seconds:.0f} s; run again then"
            raise NoResponse(Reason.RATE_LIMIT, message)
        if seconds > 0:
            self.sleep(seconds)


def _received(response: httpcore.Response) -> HttpResponse:
    headers = {name.decode().lower(): value.decode("latin-1") for name, value in response.headers}
    raw = bytearray()
    fault = None
    try:
        for chunk in response.iter_stream():
            raw += chunk
            if len(raw) > MAX_BYTES:
                fault = BodyFault("size", f"at most {MAX_BYTES:,} bytes", "more")
                break
    except httpcore.RemoteProtocolError as error:
        fault = BodyFault("framing", "a whole body", str(error))
    except httpcore.ReadError as error:
        fault = BodyFault("framing", "a whole body", f"the connection was interrupted ({error})")
    body, undecodable = decode_body(bytes(raw), headers.get("content-encoding", ""))
    return HttpResponse(response.status, headers, body, fault or undecodable)


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}".lower()


def _number(text: str | None) -> float | None:
    return float(text) if text and re.fullmatch(r"[0-9]{1,12}", text) else None
