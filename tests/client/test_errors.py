"""Every response other than a success is a named error, with everything that was sent."""

from __future__ import annotations

import pickle
import re
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest

from qovery_job_client import (
    ApiError,
    BodyError,
    ContractViolationError,
    ForbiddenError,
    Job,
    LifecycleJob,
    NotFoundError,
    RateLimitError,
    ServerError,
    StatusError,
    UnauthorizedError,
    UnexpectedStatusError,
    errors,
)
from qovery_job_client.base import decode
from qovery_job_client.response import Received, Response, read_response, retry_at
from tests.recorded import text

NOW = datetime(2024, 5, 6, 7, 8, 9, tzinfo=UTC)
HTML = b"<html><body>502 Bad Gateway</body></html>"


def read(
    status: int, body: bytes = b"", cut_off: str | None = None, **headers: str
) -> Response[Job]:
    """Return the response of the client for what a server sent."""
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    return read_response(Received(status, names, body, cut_off), Job, strict=False)


KINDS = [
    (401, UnauthorizedError),
    (403, ForbiddenError),
    (404, NotFoundError),
    (429, RateLimitError),
    (500, ServerError),
    (502, ServerError),
    (520, ServerError),
    (599, ServerError),
    (204, UnexpectedStatusError),
    (302, UnexpectedStatusError),
    (400, UnexpectedStatusError),
    (418, UnexpectedStatusError),
    (600, UnexpectedStatusError),
    (999, UnexpectedStatusError),
]


@pytest.mark.parametrize("body", [b"", HTML, b"{", b'{"message": "no"}', b"[]", b"\xff\x00"])
@pytest.mark.parametrize(("status", "kind"), KINDS)
def test_status_is_one_named_error(status: int, kind: type[ApiError], body: bytes) -> None:
    """Any status with any body is an error by its status, with everything that came."""
    response = read(status, body, content_type="text/html", x_request_id="r-1")

    assert type(response.error) is kind
    assert isinstance(response.error, StatusError)
    assert (response.status_code, response.content, response.parsed) == (status, body, None)
    assert response.error.status_code == status
    assert response.error.content == body
    assert response.error.headers["content-type"] == "text/html"
    assert response.error.request_id == "r-1"
    with pytest.raises(kind):
        response.result()


MESSAGES = [
    (b'{"status": 404, "error": "Not Found", "message": "no such job"}', "no such job"),
    (b'{"status": 404, "error": "Not Found", "detail": "it is gone"}', "it is gone"),
    (b'{"error": "Not Found", "message": ""}', "Not Found"),
    (b'{"message": {"a": 1}, "detail": 5, "error": "Not Found"}', "Not Found"),
    (b'"plain"', "plain"),
    (b'{"message": "a\\nb\\u001b[31m red"}', "a b [31m red"),
    (b"", "Not Found (body: 0 bytes of no media type)"),
]


@pytest.mark.parametrize(("body", "message"), MESSAGES)
def test_message_is_the_servers(body: bytes, message: str) -> None:
    """`message`, `detail` or `error`, in one line without control characters."""
    response = read(404, body)

    assert response.error is not None
    assert response.error.message == message
    assert message in str(response.error)


def test_message_is_short() -> None:
    """A server can't fill a log with one message."""
    response = read(500, b'{"message": "%s"}' % (b"x" * 100_000))

    assert response.error is not None
    assert len(str(response.error)) < 600


@pytest.mark.parametrize("body", [b"", HTML, b'{"id": ', b"NaN", b"1" * 5000, b"[" * 100_000])
def test_success_without_json_is_a_body_error(body: bytes) -> None:
    """A 200 without a usable body is a `BodyError`, whatever the body contains."""
    response = read(200, body, content_type="text/html")

    assert type(response.error) is BodyError
    assert response.content == body
    assert "text/html" in str(response.error) or not body


def test_success_cut_off_is_a_body_error() -> None:
    """A truncated body is an error, even if its beginning is JSON."""
    response = read(200, text("cron_image_minimal"), cut_off="ReadError")

    assert type(response.error) is BodyError
    assert "cut off" in str(response.error)


def test_success_against_the_contract_is_a_violation() -> None:
    """It has the rule, and the response that broke it."""
    response = read(200, b'{"job_type": "CRON"}', x_request_id="r-2")

    assert type(response.error) is ContractViolationError
    assert response.error.keyword == "required"
    assert (response.error.status_code, response.error.request_id) == (200, "r-2")
    assert response.error.content == b'{"job_type": "CRON"}'


def test_success_is_decoded() -> None:
    """A valid body gives a job and no error."""
    response = read(200, text("lifecycle_docker_probes"))

    assert response.error is None
    assert type(response.result()) is LifecycleJob


RESETS: list[tuple[int, dict[str, str], Any]] = [
    (429, {"retry-after": "30"}, NOW + timedelta(seconds=30)),
    (429, {"retry-after": "0.5"}, NOW + timedelta(seconds=0.5)),
    (
        429,
        {"retry-after": format_datetime(NOW + timedelta(minutes=1), usegmt=True)},
        NOW + timedelta(minutes=1),
    ),
    (429, {"x-ratelimit-reset": str(int(NOW.timestamp()) + 9)}, NOW + timedelta(seconds=9)),
    (429, {"retry-after": "5", "x-ratelimit-reset": "1"}, NOW + timedelta(seconds=5)),
    (503, {"retry-after": "5"}, NOW + timedelta(seconds=5)),
    (503, {"x-ratelimit-reset": "1715000000"}, None),
    (429, {}, None),
    (429, {"retry-after": "soon"}, None),
    (429, {"retry-after": "-5"}, None),
    (429, {"retry-after": "٣"}, None),
    (429, {"x-ratelimit-reset": "9" * 30}, None),
    (429, {"x-ratelimit-reset": "nan"}, None),
]


@pytest.mark.parametrize(("status", "headers", "expected"), RESETS)
def test_retry_at(status: int, headers: dict[str, str], expected: Any) -> None:
    """`Retry-After` in seconds or as a date, else the epoch of the rate limit; never a crash."""
    assert retry_at(status, headers, NOW) == expected


def test_rate_limit_error_says_when_to_come_back() -> None:
    """The error of a 429 has the time of the reset."""
    response = read(429, x_ratelimit_reset="1715000000")

    assert isinstance(response.error, RateLimitError)
    assert response.error.retry_at == datetime.fromtimestamp(1715000000, UTC)


def test_errors_survive_pickling() -> None:
    """An error that is sent to another process is equal."""
    for status, body in ((429, b"{}"), (200, b'{"job_type": "CRON"}'), (520, HTML)):
        error = read(status, body, retry_after="3").error
        assert error is not None
        again = pickle.loads(pickle.dumps(error))
        assert type(again) is type(error)
        assert str(again) == str(error)
        assert again.__dict__ == error.__dict__


def test_the_tree_is_the_one_that_the_module_draws() -> None:
    """Every error class is drawn in the module's docstring, under its base."""
    drawn = {}
    above = {}
    for line in (errors.__doc__ or "").splitlines():
        if found := re.match(r"    ([│├└─ ]*)(\w+Error)\b", line):
            depth = len(found[1]) // 4
            above[depth] = found[2]
            drawn[found[2]] = above.get(depth - 1)

    classes = {
        name: None if value is ApiError else value.__mro__[1].__name__
        for name, value in vars(errors).items()
        if isinstance(value, type) and issubclass(value, ApiError)
    }

    assert drawn == classes


def test_name_of_a_property_is_printable_in_the_message() -> None:
    """A server chooses it; the location has it as it is."""
    body = text("cron_docker_nulls").rstrip()[:-1] + b', "\\u001b[2J": 1}'

    with pytest.raises(ContractViolationError) as raised:
        decode(Job, body, strict=True)

    assert str(raised.value).isprintable()
    assert raised.value.location == "/\x1b[2J"
