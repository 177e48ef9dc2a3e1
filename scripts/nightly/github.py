"""The few calls of GitHub's REST API that notifying needs, with its rate limits obeyed.

A call that was not answered may still have been carried out. It is never sent twice when that could
open a second issue: it raises `UnsureError`, and the caller looks at what is there first.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import httpx
from attrs import define, field, frozen

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

TRIES = 4
MOST_PAGES = 50
PER_PAGE = 100
SECONDARY_LIMIT_SECONDS = 60.0  # what GitHub asks for where it does not name a time
_HINTS = {
    401: "is GITHUB_TOKEN valid?",
    403: "does the job have `issues: write`?",
    404: "is GITHUB_REPOSITORY right, and may the token read it?",
    410: "are issues switched on for the repository?",
}


class GitHubError(Exception):
    """GitHub did not do what it was asked. Says what, why, and what to do, in one line."""


class UnsureError(GitHubError):
    """A call was not answered, so nobody knows whether it was carried out."""


@frozen
class Issue:
    """An open issue."""

    number: int
    body: str


@define
class GitHub:
    """One repository's issues.

    Attributes:
        client: Sends the requests; has the base URL and the token.
        repository: `owner/name`.
        patience: How many seconds may be waited in all for rate limits and failing servers.
        sleep: Waits that many seconds.
    """

    client: httpx.Client
    repository: str
    patience: float = 300.0
    sleep: Callable[[float], None] = field(default=time.sleep)

    def open_issues(self, label: str) -> list[Issue]:
        """The open issues with `label`, the oldest first."""
        query = {"labels": label, "state": "open", "per_page": str(PER_PAGE), "direction": "asc"}
        return [
            Issue(item["number"], item.get("body") or "")
            for page in self._pages(f"/repos/{self.repository}/issues", query)
            for item in page
            if "pull_request" not in item  # GitHub lists pull requests as issues
        ]

    def create_label(self, name: str, color: str, description: str) -> None:
        """Make a label, unless it is there."""
        label = {"name": name, "color": color, "description": description}
        self._send("POST", f"/repos/{self.repository}/labels", label, accept=(422,))

    def create_issue(self, title: str, body: str, label: str) -> None:
        """Open an issue."""
        issue = {"title": title, "body": body, "labels": [label]}
        self._send("POST", f"/repos/{self.repository}/issues", issue)

    def update_issue(self, number: int, **changes: str) -> None:
        """Change an issue's `body` or `state`; nobody is notified of a changed body."""
        self._send("PATCH", f"/repos/{self.repository}/issues/{number}", changes)

    def comment(self, number: int, body: str) -> None:
        """Say something on an issue; who watches it is notified."""
        self._send("POST", f"/repos/{self.repository}/issues/{number}/comments", {"body": body})

    def _pages(self, path: str, query: dict[str, str]) -> Iterator[list[dict[str, Any]]]:
        response = self._send("GET", path, query=query)
        for _ in range(MOST_PAGES):
            yield _items(response, path)
            following = response.links.get("next", {}).get("url")
            if following is None:
                return
            if httpx.URL(following).host != self.client.base_url.host:
                raise GitHubError(f"GET {path}: the next page is on another host; not asked for")
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
                problem = type(error).__name__
                wait = 2.0**attempt
            else:
                if response.is_success or response.status_code in accept:
                    return response
                problem = f"answered {response.status_code}: {_message(response)}"
                if (limit := _rate_limit(response)) is not None:
                    self._wait(limit, f"{what} {problem}")
                    continue  # refused before it was carried out, so any method may go again
                if not response.is_server_error:
                    hint = _HINTS.get(response.status_code, "see GitHub's answer")
                    raise GitHubError(f"{what} {problem}; {hint}")
                wait = 2.0**attempt
            if method == "POST":
                raise UnsureError(f"{what} {problem}; it may have been carried out or not")
            if attempt + 1 < TRIES:
                self._wait(wait, f"{what} {problem}")
        raise GitHubError(f"{what} {problem}, {TRIES} times; run again later")

    def _wait(self, seconds: float, why: str) -> None:
        if seconds > self.patience:
            raise GitHubError(
                f"{why}; that means to wait {seconds:.0f} s, too long; run again later"
            )
        self.patience -= seconds
        self.sleep(seconds)


def connect(base_url: str, token: str) -> httpx.Client:
    """A client that sends `token` to `base_url`, and follows no redirect with it."""
    return httpx.Client(
        base_url=base_url,
        headers={
            "Accept": "application/vnd.github+json",
            "Authorization": f"Bearer {token}",
            "X-GitHub-Api-Version": "2022-11-28",
        },
        timeout=20.0,
        trust_env=False,
    )


def _items(response: httpx.Response, path: str) -> list[dict[str, Any]]:
    try:
        page = response.json()
    except ValueError:
        page = None
    if not isinstance(page, list) or not all(isinstance(item, dict) for item in page):
        raise GitHubError(f"GET {path}: the answer is no list; is GITHUB_API_URL right?")
    return page


def _message(response: httpx.Response) -> str:
    try:
        message = str(response.json()["message"])
    except (ValueError, KeyError, TypeError):
        message = response.reason_phrase
    return " ".join(message.split())[:200]


def _rate_limit(response: httpx.Response) -> float | None:
    """How many seconds GitHub asks to wait, None where the answer is no rate limit."""
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
