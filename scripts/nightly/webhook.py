"""Post the result of a run to a webhook of Slack or a compatible chat."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import httpx

from scripts.nightly.transport import BoundedTransport
from scripts.report import advice
from scripts.report.history import entry_of
from scripts.report.text import plural, visible

if TYPE_CHECKING:
    from collections.abc import Callable

    from scripts.report.summary import FindingGroup, Report

URL_VARIABLE = "DRIFT_WEBHOOK_URL"
SECRET_VARIABLE = "DRIFT_WEBHOOK_SECRET"  # noqa: S105 - the name of a variable
SIGNATURE = "X-Signature-256"
TIMESTAMP = "X-Timestamp"
MAX_FACTS = 20
TRIES = 3
SECONDS = 10.0
_ICONS = {
    "clean": ":white_check_mark:",
    "drift": ":x:",
    "inconclusive": ":warning:",
}
_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


class WebhookError(Exception):
    """The message could not be delivered. Names the host only: the URL is often a secret."""


def due(report: Report) -> bool:
    """Return whether to post: when the verdict or the facts differ from those of the last run."""
    verdict, facts = report.run.verdict, entry_of(report).facts.keys()
    if not report.past:
        return verdict != "clean"
    last = report.past[-1]
    new, gone = facts - last.facts.keys(), last.facts.keys() - facts
    return verdict != last.verdict or bool(new) or (report.run.complete and bool(gone))


def payload(report: Report) -> dict[str, Any]:
    """Return the message: a text for notifications and blocks for display."""
    run = report.run
    title = f"{_ICONS[run.verdict]} {run.verdict}: {_escape(report.headline)}"
    context = f"{_escape(run.target)} | {report.completeness} | contract {run.contract_version}"
    sections = [title, *map(_escape, report.notices), *map(_fact, report.facts[:MAX_FACTS])]
    if len(report.facts) > MAX_FACTS:
        sections.append(f"… {plural(len(report.facts) - MAX_FACTS, 'more fact')} in the report")
    blocks: list[dict[str, Any]] = [{"type": "section", "text": _mrkdwn(text)} for text in sections]
    blocks.append({"type": "context", "elements": [_mrkdwn(context)]})
    return {"text": f"{title} ({_escape(run.target)})", "blocks": blocks}


def send(
    content: dict[str, Any],
    url: str,
    secret: str | None = None,
    *,
    redact: Callable[[str], str] = str,
    sleep: Callable[[float], None] = time.sleep,
) -> None:
    """Post `content`, signed with HMAC-SHA-256 if there is a secret.

    The signature is over the timestamp, a full stop and the body. Redirects are not followed.

    Raises:
        WebhookError: The URL is invalid, or the receiver did not accept the message.
    """
    host = _host(url)
    body = redact(json.dumps(content)).encode()
    headers = {"Content-Type": "application/json"}
    if secret:
        timestamp = str(int(time.time()))
        signed = hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256)
        headers |= {TIMESTAMP: timestamp, SIGNATURE: f"sha256={signed.hexdigest()}"}
    problem = ""
    with httpx.Client(transport=BoundedTransport(SECONDS), trust_env=False) as client:
        for attempt in range(TRIES):
            if attempt:
                sleep(2.0**attempt)
            try:
                response = client.post(url, content=body, headers=headers)
            except httpx.HTTPError as error:
                # The text of the error may repeat the URL.
                is_known = isinstance(error, (httpx.ProxyError, httpx.UnsupportedProtocol))
                problem = visible(str(error)) if is_known else type(error).__name__
                continue
            if response.is_success:
                return
            problem = f"status {response.status_code}"
            if (
                not response.is_server_error
                and response.status_code != httpx.codes.TOO_MANY_REQUESTS
            ):
                break
    raise WebhookError(f"webhook at {host}: {problem}; the result was not delivered")


def _host(url: str) -> str:
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        httpx.URL(url)
    except (ValueError, httpx.InvalidURL):
        host = ""
    if not host or parts.scheme not in {"http", "https"}:
        raise WebhookError("webhook: invalid URL; expected https://host/path")
    if parts.scheme == "http" and host not in _LOOPBACK:
        raise WebhookError(f"webhook at {host}: expected https, got http")
    return host


def _mrkdwn(text: str) -> dict[str, Any]:
    # Verbatim, so that no link is made of text from a server.
    return {"type": "mrkdwn", "text": text[:2900], "verbatim": True}


def _fact(fact: FindingGroup) -> str:
    return (
        f"*{fact.severity}*: {_escape(fact.message)}\n"
        f"Impact: {fact.impact}. Jobs affected: {_escape(fact.affected)}. "
        f"First seen: {fact.first_seen[:10]}.\n"
        f"What to do: {_escape(fact.advice)} <{advice.link(fact.page)}|{fact.page}>"
    )


def _escape(text: str) -> str:
    """Escape `text` so that Slack makes no link or mention of it."""
    shown = visible(text)
    for char, entity in {"&": "&amp;", "<": "&lt;", ">": "&gt;"}.items():
        shown = shown.replace(char, entity)
    return shown
