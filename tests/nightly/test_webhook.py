"""The message for a chat: what it contains, and how it is delivered."""

from __future__ import annotations

import hashlib
import hmac
import json
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest
from attrs import define, field

from scripts.nightly import webhook
from scripts.report.history import entry_of
from scripts.report.summary import summarize
from tests.report import runs
from tests.server import response, serve

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from contract_tests.run.result import Run
    from tests.server import Request

ALLOWED_BLOCKS = {"section", "context"}


@define
class Receiver:
    """A server on loopback; `statuses` are those of its next responses."""

    url: str = ""
    statuses: list[int] = field(factory=list)
    received: list[tuple[Mapping[str, str], bytes]] = field(factory=list)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A receiver that accepts everything."""
    with _serving() as receiver:
        yield receiver


@contextmanager
def _serving() -> Iterator[Receiver]:
    receiver = Receiver()

    def script(request: Request) -> bytes:
        receiver.received.append((request.headers, request.body))
        status = receiver.statuses.pop(0) if receiver.statuses else 200
        return response(status=status, location="/elsewhere")

    with serve(script) as server:
        receiver.url = f"{server.url}/hook/s3cret"
        yield receiver


def _texts(content: dict[str, Any]) -> str:
    texts = [block.get("text") or block["elements"][0] for block in content["blocks"]]
    assert {block["type"] for block in content["blocks"]} <= ALLOWED_BLOCKS
    assert all(text["type"] == "mrkdwn" and len(text["text"]) <= 3000 for text in texts)
    return "\n".join(text["text"] for text in texts)


def test_a_message_has_what_one_needs_at_night() -> None:
    """Verdict, fact, impact, what to do, first seen, jobs affected, completeness."""
    content = webhook.payload(runs.report(runs.drifting()))

    text = _texts(content)
    assert content["text"] == ":x: drift: 4 facts in 2 of 3 jobs. (https://shelf.example)"
    for words in (
        "*breaking*: /maps/0/scale is 0; expected minimum 1",
        "Impact: breaks decoding",
        "Jobs affected: 1 job (Atlas). First seen: 2026-05-04.",
        "What to do: If the API changed",
        "Checked 2 of 3 jobs",
    ):
        assert words in text


def test_text_from_a_server_has_no_markup() -> None:
    """Neither a mention nor a link."""
    run = runs.run(
        verdict="drift", findings=(runs.finding(message="<!channel> <http://evil|a> &\u202e"),)
    )

    content = webhook.payload(runs.report(run))

    assert "&lt;!channel&gt; &lt;http://evil|a&gt; &amp;\\u202e" in _texts(content)
    assert all(block["text"]["verbatim"] for block in content["blocks"] if "text" in block)


def test_very_many_facts_are_capped() -> None:
    """Slack accepts 50 blocks."""
    many = tuple(runs.finding(location=f"/p{n}", message="m" * 5000) for n in range(500))

    content = webhook.payload(runs.report(runs.run(verdict="drift", findings=many)))

    assert len(content["blocks"]) <= 50
    assert "… 480 more facts in the report" in _texts(content)


@pytest.mark.parametrize(
    ("before", "run", "due"),
    [
        (None, runs.run(), False),
        (runs.run(), runs.run(), False),
        (runs.drifting(), runs.run(), True),
        (runs.inconclusive(), runs.run(), True),
        (runs.run(), runs.drifting(), True),
        (runs.drifting(), runs.drifting(), False),
        (runs.drifting(), runs.partial(), False),
        (runs.partial(), runs.drifting(), True),
        (None, runs.inconclusive(), True),
    ],
    ids=[
        *("first", "clean", "fixed", "back", "drift", "unchanged"),
        *("incomplete", "changed", "inconclusive"),
    ],
)
def test_a_message_is_sent_when_something_changed(
    before: Run | None, run: Run, *, due: bool
) -> None:
    """A message each night would not be read. An incomplete run can't say what is gone."""
    past = [] if before is None else [entry_of(runs.report(before))]

    assert webhook.due(summarize(run, runs.CONTRACT, past)) is due


def test_a_message_is_signed(receiver: Receiver) -> None:
    """The receiver can check who sent it, and when."""
    webhook.send({"text": "a"}, receiver.url, "key")

    ((headers, body),) = receiver.received
    signed = headers["x-timestamp"].encode() + b"." + body
    expected = hmac.new(b"key", signed, hashlib.sha256).hexdigest()
    assert headers["x-signature-256"] == f"sha256={expected}"
    assert json.loads(body) == {"text": "a"}


def test_a_message_is_redacted_before_it_is_signed(receiver: Receiver) -> None:
    """The signature is that of the redacted message."""
    webhook.send({"text": "sesame"}, receiver.url, redact=lambda text: text.replace("sesame", "…"))

    ((headers, body),) = receiver.received
    assert b"sesame" not in body
    assert "x-signature-256" not in headers


@pytest.mark.parametrize(
    ("statuses", "requests", "delivered"),
    [
        ([503, 429, 200], 3, True),
        ([503, 503, 503], 3, False),
        ([404], 1, False),
        ([302], 1, False),
    ],
)
def test_delivery_is_repeated_where_that_can_help(
    receiver: Receiver, statuses: list[int], requests: int, *, delivered: bool
) -> None:
    """Bounded, without redirects; the error names the host and not the URL."""
    receiver.statuses += statuses
    waits: list[float] = []

    if delivered:
        webhook.send({}, receiver.url, sleep=waits.append)
    else:
        message = f"^webhook at 127.0.0.1: status {statuses[-1]}; the result was not delivered$"
        with pytest.raises(webhook.WebhookError, match=message):
            webhook.send({}, receiver.url, sleep=waits.append)

    assert len(receiver.received) == requests
    assert waits == [2.0, 4.0][: requests - 1]


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("ftp://chat.example/s3cret", "invalid URL"),
        ("nonsense s3cret", "invalid URL"),
        ("https://[::1", "invalid URL"),
        ("http://chat.example/s3cret", "expected https, got http"),
    ],
)
def test_an_invalid_url_is_one_clear_error(url: str, words: str) -> None:
    """It does not repeat the URL."""
    with pytest.raises(webhook.WebhookError, match=words) as caught:
        webhook.send({}, url)

    assert "s3cret" not in str(caught.value)


def test_a_receiver_that_is_down_is_one_clear_error() -> None:
    """After three tries."""
    waits: list[float] = []

    with pytest.raises(webhook.WebhookError, match=r"127\.0\.0\.1: ConnectError"):
        webhook.send({}, "http://127.0.0.1:9/s3cret", sleep=waits.append)

    assert waits == [2.0, 4.0]
