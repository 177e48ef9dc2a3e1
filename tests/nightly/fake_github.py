"""A GitHub on loopback with issues, labels, comments, pages and injected failures."""

from __future__ import annotations

import json
import re
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import parse_qs, urlsplit

from attrs import define, field

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

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

    class Handler(_Handler):
        state = github

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        github.url = f"http://127.0.0.1:{server.server_port}"
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield github
        server.shutdown()


class _Handler(BaseHTTPRequestHandler):
    state: FakeGitHub

    def do_GET(self) -> None:
        self._handle("GET")

    def do_POST(self) -> None:
        self._handle("POST")

    def do_PATCH(self) -> None:
        self._handle("PATCH")

    def _handle(self, method: str) -> None:
        path = urlsplit(self.path).path
        size = int(self.headers.get("content-length") or 0)
        content = json.loads(self.rfile.read(size) or b"null")
        self.state.requests.append(f"{method} {path}")
        failures = self.state.failures if path != "/user" else []
        failure = next((one for one in failures if one.method == method), None)
        if failure is not None:
            self.state.failures.remove(failure)
        if self.headers["authorization"] != f"Bearer {TOKEN}":
            self._respond(401, {"message": "Bad credentials"})
        elif failure is None:
            self._respond(*self._do(method, path, content))
        else:
            if failure.when == "after":
                self._do(method, path, content)
            if failure.status is not None:
                self._respond(failure.status, {"message": failure.message}, failure.headers)

    def _do(self, method: str, path: str, content: Any) -> tuple[int, Any, dict[str, str]]:
        state = self.state
        if (method, path) == ("GET", f"{BASE}/issues"):
            return self._list()
        if (method, path) == ("POST", f"{BASE}/issues"):
            user = {"login": BOT}
            issue = state.add(
                content["labels"][0], content["body"], title=content["title"], user=user
            )
            return 201, issue, {}
        if (method, path) == ("GET", "/user"):
            return 403, {"message": "Resource not accessible by integration"}, {}
        if (method, path) == ("GET", BASE):
            return 200, {"private": state.private}, {}
        if (method, path) == ("POST", f"{BASE}/labels"):
            known = content["name"] in state.labels
            state.labels.add(content["name"])
            return (422 if known else 201), {"message": "Validation Failed"}, {}
        if found := re.fullmatch(rf"{BASE}/issues/(\d+)/comments", path):
            state.comments.append((int(found[1]), content["body"]))
            return 201, {}, {}
        if found := re.fullmatch(rf"{BASE}/issues/(\d+)", path):
            state.issues[int(found[1]) - 1].update(content)
            return 200, {}, {}
        return 404, {"message": "Not Found"}, {}

    def _list(self) -> tuple[int, Any, dict[str, str]]:
        query = {name: values[0] for name, values in parse_qs(urlsplit(self.path).query).items()}
        page, size = int(query.get("page", 1)), min(int(query["per_page"]), self.state.page_size)
        every = [
            issue
            for issue in self.state.issues
            if query["state"] in {"all", issue["state"]}
            and query["labels"] in issue["labels"]
            and query["creator"] in {issue["user"]["login"], "anyone"}
        ]
        headers = {}
        if page * size < len(every):
            where = f"{self.state.pages_url or self.state.url}{BASE}/issues?" + "&".join(
                f"{name}={value}" for name, value in {**query, "page": page + 1}.items()
            )
            headers["Link"] = f'<{where}>; rel="next", <{where}>; rel="last"'
        return 200, every[(page - 1) * size : page * size], headers

    def _respond(self, status: int, content: Any, headers: Mapping[str, str] | None = None) -> None:
        body = json.dumps(content).encode()
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass
