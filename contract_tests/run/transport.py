"""The one place where requests leave the process: what may be sent, how often, and how long.

Everything that talks to a judged server talks through a `Wire`: the sweep, the probes, and
Schemathesis' own traffic (see `guarded`). A live server gets GET and nothing else, because the
same address answers PUT and DELETE there; no redirect is followed, because the token would
travel; and whatever a server sends or withholds ends within a bound. Must never judge an answer.
"""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import httpcore
import httpx
from attrs import evolve, frozen

from contract_tests.oracle.http_response import MAX_BYTES, BodyFault, HttpResponse, decode_body
from contract_tests.run.deadline import DeadlineBackend

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from contract_tests.run.target import Target

REQUEST_SECONDS = 10.0
RUN_SECONDS = 900.0  # and one more for each request of the budget
MAX_WAIT_SECONDS = 20.0  # a rate limit that ends within this is waited for
_TRIES = 3  # of a request that the rate limit refuses
EMBEDDED_BUDGET = 100_000
AGENT = "qovery-job-client contract tests"


class RequestForbidden(Exception):  # noqa: N818 - a refusal, and what it guards against is the point
    """A request that must not be sent: another method or another host in a live run."""


@frozen
class NoResponse(Exception):  # noqa: N818 - says what happened, and is no error of ours
    """No answer came, or none may be asked for any more.

    Attributes:
        reason: Which of the ways it was, such as `unreachable`, `timeout` or `budget`.
        message: The same as a sentence, with what to do.
    """

    reason: str
    message: str


class Transport:
    """A connection to one target, with a budget of requests.

    Attributes:
        target: Whom it talks to.
        sent: How many requests it has sent.
        sleep: Waits, in seconds.
        passed_over: Answers that were not handed on, as the request was sent again.
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
        """Open nothing yet.

        Args:
            target: Whom to talk to.
            budget: How many requests may be sent in all.
            seconds: How long one answer may take, from the first byte sent to the last received.
            run_seconds: How long all of them may take, with a second more for each of the budget.
            sleep: Waits, in seconds.
        """
        self.target = target
        self.sent = 0
        self.sleep = sleep
        self.retried: list[HttpResponse] = []
        self._budget = budget
        self._seconds = seconds
        self._ends_at = time.monotonic() + run_seconds + budget
        self._backend = DeadlineBackend()
        self._pool = httpcore.ConnectionPool(
            ssl_context=httpx.create_ssl_context(),
            max_connections=1,
            network_backend=self._backend,
        )
        self._resume_at = 0.0

    @property
    def left(self) -> int:
        """How many more requests may be sent."""
        return self._budget - self.sent

    def close(self) -> None:
        """Close the connection."""
        self._pool.close()

    def drop_connection(self) -> None:
        """Let the next request open a connection of its own.

        What a server sent beyond the length that it said would be read as the next answer.
        """
        self._pool.close()

    def get(self, path: str, authorization: str | None) -> HttpResponse:
        """Send a GET for `path` below the target's address.

        Raises:
            Unanswered: No answer came in time, or the budget or the server's rate limit is spent.
        """
        headers = {} if authorization is None else {"authorization": authorization}
        return self.send("GET", self.target.url + path, headers)

    def send(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes | None = None
    ) -> HttpResponse:
        """Send one request, waiting first where the server asked for that.

        Raises:
            Forbidden: It is none that this run may send.
            Unanswered: As for `get`.
        """
        if _origin(url) != _origin(self.target.url):
            raise RequestForbidden(
                f"a request to {_origin(url)}; expected {_origin(self.target.url)}"
            )
        if method != "GET" and not self.target.embedded:
            raise RequestForbidden(f"a {method} request; a live server gets GET and nothing else")
        for _ in range(_TRIES):
            self._wait()
            answer = self._send(method, url, headers, body)
            self._note_limit(answer)
            if answer.status != httpx.codes.TOO_MANY_REQUESTS:
                return answer
            self.note_retry(answer)
        message = "the server's rate limit is spent, however long it is waited for; run again later"
        raise NoResponse("rate limit", message)

    def note_retry(self, answer: HttpResponse) -> None:
        """Keep an answer, without its body, that is not handed on as the request is sent again."""
        self.retried.append(evolve(answer, body=b""))

    def _send(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes | None
    ) -> HttpResponse:
        if self.left <= 0:
            raise NoResponse("budget", f"the budget of {self._budget} requests is spent; raise it")
        now = time.monotonic()
        if now >= self._ends_at:
            message = "the run takes too long; ask for fewer jobs, or when the server is faster"
            raise NoResponse("run time", message)
        self.sent += 1
        self._backend.deadline = now + self._seconds
        host = self.target.url
        try:
            with self._pool.stream(
                method, url, headers=self._headers(headers), content=body
            ) as response:
                return _received(response)
        except httpcore.TimeoutException as error:
            message = f"{host} took longer than {self._seconds:g} s; try again when it is faster"
            raise NoResponse("timeout", message) from error
        except httpcore.ConnectError as error:
            reason = "tls" if "SSL" in str(error) or "CERT" in str(error) else "unreachable"
            message = f"{host} can't be reached ({error}); check the address and the network"
            raise NoResponse(reason, message) from error
        except httpcore.RemoteProtocolError as error:
            if "disconnected" in str(error):
                message = f"{host} hung up without an answer; try again later"
                raise NoResponse("unreachable", message) from error
            return HttpResponse(0, {}, b"", BodyFault("framing", "an HTTP response", str(error)))
        except (httpcore.NetworkError, OSError) as error:
            message = f"{host} broke the connection off ({error}); try again later"
            raise NoResponse("unreachable", message) from error

    def _headers(self, headers: Mapping[str, str]) -> list[tuple[bytes, bytes]]:
        """Only here, on their way out, do the headers hold the token."""
        named = {name.lower(): value for name, value in headers.items()}
        named = {
            "accept": "application/json",
            "accept-encoding": "gzip",
            "user-agent": AGENT,
        } | named
        if "authorization" in named:
            named["authorization"] = self.target.credential.reveal(named["authorization"])
        return [(name.encode(), value.encode("latin-1")) for name, value in named.items()]

    def _note_limit(self, answer: HttpResponse) -> None:
        """Remember until when the server wants no more requests."""
        self._resume_at = 0.0
        seconds = _number(answer.headers.get("retry-after"))
        reset = _number(answer.headers.get("x-ratelimit-reset"))
        limited = answer.status == httpx.codes.TOO_MANY_REQUESTS
        busy = answer.status == httpx.codes.SERVICE_UNAVAILABLE
        if (limited or busy) and seconds is not None:
            self._resume_at = time.time() + seconds
        elif (limited or answer.headers.get("x-ratelimit-remaining") == "0") and reset is not None:
            self._resume_at = reset
        elif limited:
            self._resume_at = time.time() + 2 * MAX_WAIT_SECONDS

    def _wait(self) -> None:
        seconds = self._resume_at - time.time()
        if seconds > MAX_WAIT_SECONDS:
            message = f"the server's rate limit is spent for {seconds:.0f} s more; run again then"
            raise NoResponse("rate limit", message)
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
        fault = BodyFault("framing", "a whole body", f"the connection broke off ({error})")
    body, undecodable = decode_body(bytes(raw), headers.get("content-encoding", ""))
    return HttpResponse(response.status, headers, body, fault or undecodable)


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}".lower()


def _number(text: str | None) -> float | None:
    return float(text) if text and re.fullmatch(r"[0-9]{1,12}", text) else None
