"""The calls of GitHub's REST API that the bot needs, within its rate limits.

A call without a response may have been executed. A POST is not sent twice, because that could open
a second issue: it raises `UnknownOutcomeError`, and the caller lists the issues again.
"""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING, Any

import httpx
from attrs import define, field, frozen

from contract_tests.run.redactor import Redactor
from contract_tests.run.target import is_loopback
from scripts.nightly.transport import BoundedTransport
from scripts.report.text import visible

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

TRIES = 4
MOST_PAGES = 50
PER_PAGE = 100
REQUEST_SECONDS = 20.0
ACTIONS = "github-actions[bot]"
SECONDARY_LIMIT_SECONDS = 60.0  # GitHub's recommendation if no time is given
_HINTS = {
    401: "check GITHUB_TOKEN",
    403: "the job needs `issues: write`",
    404: "check GITHUB_REPOSITORY, and that the token can read it",
    410: "enable issues for the repository",
}


class GitHubError(Exception):
    """A call failed. The message says which, why, and what to do."""

    def __init__(self, message: str) -> None:
        """Return the message with invisible characters escaped."""
        super().__init__(visible(message))


class UnknownOutcomeError(GitHubError):
    """A call got no response, so it may have been executed or not."""


@frozen
class Issue:
    """An issue that the bot opened."""

    number: int
    body: str
    is_open: bool


@define
class GitHub:
    """One repository's issues.

    Attributes:
        client: Sends the requests; has the base URL and the token.
        repository: `owner/name`.
        author: The account that opens the issues; None for the account of the token.
        max_wait: The number of seconds to wait in total for rate limits and failing servers.
        sleep: Waits for a number of seconds.
    """

    client: httpx.Client
    repository: str
    author: str | None = None
    max_wait: float = 300.0
    sleep: Callable[[float], None] = field(default=time.sleep)

    def issues(self, label: str) -> list[Issue]:
        """Return the issues with `label` that the bot opened, open and closed, the oldest first."""
        author = self._login()
        query = {
            "labels": label,
            "state": "all",
            "creator": author,
            "per_page": str(PER_PAGE),
            "direction": "asc",
        }
        return [
            Issue(item["number"], item.get("body") or "", item.get("state") == "open")
            for page in self._pages(f"/repos/{self.repository}/issues", query)
            for item in page
            if "pull_request" not in item  # GitHub lists pull requests as issues
            and (item.get("user") or {}).get("login") == author
        ]

    def is_private(self) -> bool:
        """Return whether only members can read the repository."""
        repository = _object(self._send("GET", f"/repos/{self.repository}"))
        return repository.get("private") is True

    def create_label(self, name: str, color: str, description: str) -> None:
        """Create a label unless it exists."""
        label = {"name": name, "color": color, "description": description}
        self._send("POST", f"/repos/{self.repository}/labels", label, accept=(422,))

    def create_issue(self, title: str, body: str, label: str) -> None:
        """Open an issue."""
        issue = {"title": title, "body": body, "labels": [label]}
        self._send("POST", f"/repos/{self.repository}/issues", issue)

    def update_issue(self, number: int, **changes: str) -> None:
        """Change the `body` or `state` of an issue; subscribers are not notified of a new body."""
        self._send("PATCH", f"/repos/{self.repository}/issues/{number}", changes)

    def comment(self, number: int, body: str) -> None:
        """Comment on an issue, which notifies its subscribers."""
        self._send("POST", f"/repos/{self.repository}/issues/{number}/comments", {"body": body})

    @property
    def _redactor(self) -> Redactor:
        token = self.client.headers.get("authorization", "").partition(" ")[2]
        return Redactor(token, "$GITHUB_TOKEN")

    def _login(self) -> str:
        """Return the account of the token; a token of GitHub Actions can't read its own."""
        if self.author is None:
            response = self._send("GET", "/user", accept=(403,))
            login = _object(response).get("login") if response.is_success else ACTIONS
            if not isinstance(login, str):
                raise GitHubError("GET /user: expected a login; check GITHUB_API_URL")
            self.author = login
        return self.author

    def _pages(self, path: str, query: dict[str, str]) -> Iterator[list[dict[str, Any]]]:
        response = self._send("GET", path, query=query)
        for _ in range(MOST_PAGES):
            yield _items(response, path)
            following = response.links.get("next", {}).get("url")
            if following is None:
                return
            if _origin(following) != _origin(str(self.client.base_url)):
                raise GitHubError(f"GET {path}: the next page is on another server; not requested")
            response = self._send("GET", following)
        raise GitHubError(f"GET {path}: more than {MOST_PAGES} pages of issues; close some")

    def _send(
        self,
        method: str,
        path: str,
        content: dict[str, Any] | None = None,
        *,
        query: dict[str, str] | None = None,
        accept: tuple[int, ...] = (),
    ) -> httpx.Response:
        what = f"{method} {httpx.URL(path).path}"
        problem = ""
        for attempt in range(TRIES):
            try:
                response = self.client.request(method, path, json=content, params=query)
            except httpx.TransportError as error:
                problem = str(self._redactor.redact(str(error))) or type(error).__name__
                wait = 2.0**attempt
            else:
                if response.is_success:
                    return response
                message = self._redactor.redact(_message(response))
                problem = f"returned {response.status_code}: {message}"
                if (limit := _rate_limit(response)) is not None:
                    self._wait(limit, f"{what} {problem}")
                    continue  # refused before it was executed, so any method may be repeated
                if response.status_code in accept:
                    return response
                if not response.is_server_error:
                    hint = _HINTS.get(
                        response.status_code, "see the documentation of the GitHub API"
                    )
                    raise GitHubError(f"{what} {problem}; {hint}")
                wait = 2.0**attempt
            if method == "POST":
                raise UnknownOutcomeError(f"{what} {problem}; it may have been executed or not")
            if attempt + 1 < TRIES:
                self._wait(wait, f"{what} {problem}")
        raise GitHubError(f"{what} {problem}, {TRIES} times; run again later")

    def _wait(self, seconds: float, why: str) -> None:
        if seconds > self.max_wait:
            raise GitHubError(f"{why}; waiting {seconds:.0f} s is too long; run again later")
        self.max_wait -= seconds
        self.sleep(seconds)


def connect(base_url: str, token: str, *, seconds: float = REQUEST_SECONDS) -> httpx.Client:
    """Return a client that sends `token` to `base_url` and follows no redirects.

    Args:
        base_url: The API of GitHub, or of a GitHub Enterprise server.
        token: The token.
        seconds: How long one request may take.

    Raises:
        GitHubError: The URL or the token is invalid, or the token would be sent unencrypted to
            another machine.
    """
    scheme, user, host, _ = _origin(base_url) or ("", "", "", None)
    if user:
        raise GitHubError("GITHUB_API_URL has a user or a password; expected just https://host")
    if scheme != "https" and not (scheme == "http" and is_loopback(host)):
        raise GitHubError(f"GITHUB_API_URL is {base_url}; expected an https URL")
    if not re.fullmatch(r"[!-~]+", token):
        raise GitHubError(
            "GITHUB_TOKEN is empty, or has a space or a line break; set it to the token alone"
        )
    return httpx.Client(
        base_url=base_url,
        headers={
            "Accept": "application/vnd.github+json",
            "Authorization": f"Bearer {token}",
            "X-GitHub-Api-Version": "2022-11-28",
        },
        transport=BoundedTransport(seconds),
        trust_env=False,
    )


def _origin(text: str) -> tuple[str, str, str, int | None] | None:
    """Return the origin and credential of a URL; None if it is invalid."""
    try:
        url = httpx.URL(text)
    except (httpx.InvalidURL, ValueError):
        return None
    return url.scheme, url.userinfo.decode(), url.host, url.port


def _object(response: httpx.Response) -> dict[str, Any]:
    try:
        data = response.json()
    except (ValueError, RecursionError):
        data = None
    return data if isinstance(data, dict) else {}


def _items(response: httpx.Response, path: str) -> list[dict[str, Any]]:
    try:
        page = response.json() if response.status_code == httpx.codes.OK else None
    except (ValueError, RecursionError):
        page = None
    if not isinstance(page, list) or not all(isinstance(item, dict) for item in page):
        raise GitHubError(f"GET {path}: expected a list of issues; check GITHUB_API_URL")
    return page


def _message(response: httpx.Response) -> str:
    try:
        message = str(response.json()["message"])
    except (ValueError, KeyError, TypeError, RecursionError):
        message = response.reason_phrase
    return " ".join(message.split())[:200]


def _rate_limit(response: httpx.Response) -> float | None:
    """Return the seconds to wait, or None if the response is not about a rate limit."""
    if response.status_code not in {403, 429}:
        return None
    headers = response.headers
    for name, offset in (("retry-after", 0.0), ("x-ratelimit-reset", time.time())):
        if name == "x-ratelimit-reset" and headers.get("x-ratelimit-remaining") != "0":
            continue
        try:
            return max(0.0, float(headers[name]) - offset)
        except (KeyError, ValueError):
            continue
    if response.status_code == 429 or "secondary rate limit" in _message(response).lower():  # noqa: PLR2004
        return SECONDARY_LIMIT_SECONDS
    return None
