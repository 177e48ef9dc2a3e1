"""A GitHub on loopback with issues, labels, comments, pages and injected failures."""

from __future__ import annotations

import json
import re
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import parse_qs, urlsplit

from attrs import define, field

from tests.server import End, of_json, serve

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tests.server import Request, Step

REPOSITORY = "acme/shelf"
TOKEN = "ghs_secret"
BOT = "github-actions[bot]"
BASE = f"/repos/{REPOSITORY}"


@define
class Failure:
    """What happens to the next request with `method`.

    Attributes:
        method: The method.
        status: The status to return, None to close the connection without a response.
        headers: Headers of that response.
        message: Its message.
        when: Whether it fails before or after it was executed.
    """

    method: str
    status: int | None
    headers: Mapping[str, str] = field(factory=dict)
    message: str = "made to fail"
    when: Literal["before", "after"] = "before"


@define
class FakeGitHub:
    """Its state; `pages_url` is where its links to further pages lead."""

    url: str = ""
    issues: list[dict[str, Any]] = field(factory=list)
    comments: list[tuple[int, str]] = field(factory=list)
    labels: set[str] = field(factory=set)
    requests: list[str] = field(factory=list)
    failures: list[Failure] = field(factory=list)
    page_size: int = 100
    pages_url: str = ""
    private: bool = False

    def open(self, label: str) -> list[dict[str, Any]]:
        """The open issues with a label, pull requests left out."""
        return [
            issue
            for issue in self.issues
            if issue["state"] == "open" and label in issue["labels"] and "pull_request" not in issue
        ]

    def add(self, label: str, body: str = "", **more: Any) -> dict[str, Any]:
        """Add an issue, by default one that a person opened."""
        number = len(self.issues) + 1
        issue = {
            "number": number,
            "state": "open",
            "labels": [label],
            "body": body,
            "user": {"login": "octocat"},
            **more,
        }
        self.issues.append(issue)
        return issue


@contextmanager
def serving() -> Iterator[FakeGitHub]:
    """Serve a fake GitHub."""
    github = FakeGitHub()
    with serve(partial(_respond, github)) as server:
        github.url = server.url
        yield github


def _respond(state: FakeGitHub, request: Request) -> list[Step]:
    path = urlsplit(request.path).path
    state.requests.append(f"{request.method} {path}")
    failures = state.failures if path != "/user" else []
    failure = next((one for one in failures if one.method == request.method), None)
    if failure is not None:
        state.failures.remove(failure)
    if request.authorization != f"Bearer {TOKEN}":
        return [of_json({"message": "Bad credentials"}, 401)]
    if failure is None:
        return [_do(state, request)]
    if failure.when == "after":
        _do(state, request)
    if failure.status is None:
        return [End.CLOSE]
    return [of_json({"message": failure.message}, failure.status, **failure.headers)]


def _do(state: FakeGitHub, request: Request) -> bytes:
    method, path = request.method, urlsplit(request.path).path
    content = json.loads(request.body or b"null")
    if (method, path) == ("GET", f"{BASE}/issues"):
        return _list(state, request)
    if (method, path) == ("POST", f"{BASE}/issues"):
        user = {"login": BOT}
        issue = state.add(content["labels"][0], content["body"], title=content["title"], user=user)
        return of_json(issue, 201)
    if (method, path) == ("GET", "/user"):
        return of_json({"message": "Resource not accessible by integration"}, 403)
    if (method, path) == ("GET", BASE):
        return of_json({"private": state.private})
    if (method, path) == ("POST", f"{BASE}/labels"):
        known = content["name"] in state.labels
        state.labels.add(content["name"])
        return of_json({"message": "Validation Failed"}, 422 if known else 201)
    if found := re.fullmatch(rf"{BASE}/issues/(\d+)/comments", path):
        state.comments.append((int(found[1]), content["body"]))
        return of_json({}, 201)
    if found := re.fullmatch(rf"{BASE}/issues/(\d+)", path):
        state.issues[int(found[1]) - 1].update(content)
        return of_json({})
    return of_json({"message": "Not Found"}, 404)


def _list(state: FakeGitHub, request: Request) -> bytes:
    query = {name: values[0] for name, values in parse_qs(urlsplit(request.path).query).items()}
    page, size = int(query.get("page", 1)), min(int(query["per_page"]), state.page_size)
    every = [
        issue
        for issue in state.issues
        if query["state"] in {"all", issue["state"]}
        and query["labels"] in issue["labels"]
        and query["creator"] in {issue["user"]["login"], "anyone"}
    ]
    headers = {}
    if page * size < len(every):
        where = f"{state.pages_url or state.url}{BASE}/issues?" + "&".join(
            f"{name}={value}" for name, value in {**query, "page": page + 1}.items()
        )
        headers["Link"] = f'<{where}>; rel="next", <{where}>; rel="last"'
    return of_json(every[(page - 1) * size : page * size], 200, **headers)
