"""The environment: netrc is never read, and a plain proxy gets no token of a command."""

from __future__ import annotations

import asyncio
import re
import socket
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from qovery_job_client import AuthenticatedClient, get_job
from scripts.nightly.github import GitHub, connect
from scripts.report.text import visible
from tests.attacks.behaviors import response
from tests.attacks.readers import READERS, TOKEN, Verdict, job_id, warm_up
from tests.attacks.server import serve
from tests.attacks.test_behaviors import GRACE, refusal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from tests.attacks.server import Request, Script, Step

DEADLINE = 5.0
COMMANDS = [name for name in READERS if "client" not in name]


def script_of(reader: str) -> Script:
    """Return an honest server's script for a reader."""
    body = READERS[reader].body()

    def script(request: Request) -> Iterable[Step]:
        refused = refusal(request) if reader.startswith("drift") else None
        return refused or [response(body)]

    return script


@pytest.mark.parametrize("reader", READERS)
def test_netrc_is_never_read(reader: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A password for the host that stands there is not sent."""
    netrc = tmp_path / ".netrc"
    netrc.write_text(
        "machine 127.0.0.1 login user password from-netrc\ndefault login a password b\n"
    )
    netrc.chmod(0o600)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("NETRC", str(netrc))

    with serve(script_of(reader)) as server:
        READERS[reader].run(server.url, DEADLINE)

    assert server.requests
    assert not [each for each in server.requests if each.authorization.startswith("Basic")]


@pytest.mark.parametrize("reader", COMMANDS)
def test_plain_proxy_receives_nothing(reader: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A plain http server on loopback is always reached directly."""
    with serve(lambda _: [response(b"{}")]) as proxy:
        for name in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, proxy.url)
        with serve(script_of(reader)) as server:
            READERS[reader].run(server.url, DEADLINE)

    assert server.requests
    assert proxy.connections == 0


@pytest.mark.parametrize("reader", [name for name in READERS if name != "async client"])
def test_slow_lookup_of_a_name_ends_with_the_deadline(
    reader: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The resolver of the system has no timeout of its own."""
    warm_up(reader)
    never, looked_up = threading.Event(), []

    def slow(host: str, *_: object, **__: object) -> list[object]:
        looked_up.append(host)
        never.wait()
        raise OSError("released")

    monkeypatch.setattr(socket, "getaddrinfo", slow)
    try:
        outcome = READERS[reader].run("http://localhost:1", 0.05)
    finally:
        never.set()

    assert outcome.verdict is Verdict.REFUSED
    assert outcome.seconds <= READERS[reader].requests * 0.05 + GRACE
    assert set(looked_up) == {"localhost"}


def call_twice(url: str) -> None:
    """Call with one client, which keeps its connection."""
    with AuthenticatedClient(TOKEN, url, retries=None) as client:
        get_job.sync(job_id(), client=client)
        get_job.sync(job_id(), client=client)


def await_twice(url: str) -> None:
    """Do the same in an event loop."""

    async def call() -> None:
        async with AuthenticatedClient(TOKEN, url, retries=None) as client:
            await get_job.asyncio(job_id(), client=client)
            await get_job.asyncio(job_id(), client=client)

    asyncio.run(call())


def list_twice(url: str) -> None:
    """List the issues with one connection to GitHub."""
    with connect(url, TOKEN) as client:
        GitHub(client, "acme/shelf", "bot").issues("drift")
        GitHub(client, "acme/shelf", "bot").issues("drift")


@pytest.mark.parametrize(
    ("reader", "read"),
    [("client", call_twice), ("async client", await_twice), ("nightly", list_twice)],
)
def test_cookie_of_a_server_is_never_sent_back(reader: str, read: Callable[[str], None]) -> None:
    """Not even by the same client, to the same path."""
    honest = script_of(reader)

    def script(request: Request) -> Iterable[Step]:
        (sent,) = honest(request)
        assert isinstance(sent, bytes)
        return [sent.replace(b"\r\n", b"\r\nSet-Cookie: a=b; Path=/\r\n", 1)]

    with serve(script) as server:
        read(server.url)

    assert len(server.requests) > 1
    assert [each for each in server.requests if "cookie" in each.headers] == []


@pytest.mark.parametrize("reader", ["nightly"])
def test_token_is_not_sent_unencrypted_to_another_machine(reader: str) -> None:
    """Such a base URL is refused before anything is sent."""
    outcome = READERS[reader].run("http://github.invalid", DEADLINE)

    assert "https" in outcome.shown
    assert TOKEN not in outcome.shown


@pytest.mark.parametrize(
    "letter",
    "\u3164\u2800\ufe0f\U000e0100\u200b\u202e\u00ad\u115f\uffa0\u034f\x1b\u2028",
    ids=ascii,
)
def test_invisible_letter_is_shown_as_an_escape(letter: str) -> None:
    """Text from a server reads as what it is."""
    assert letter not in visible(f"a{letter}b")


def test_lock_has_a_hash_for_each_file() -> None:
    """And names no other index than the default one."""
    lock = (Path(__file__).parents[2] / "requirements.lock").read_text("utf-8")
    packages = re.split(r"^(?=[a-z0-9])", lock, flags=re.MULTILINE)[1:]

    assert packages
    assert [each for each in packages if "--hash=sha256:" not in each] == []
    assert "index-url" not in lock
