"""The environment: netrc is never read, and a plain proxy gets no token of a command."""

from __future__ import annotations

import asyncio
import re
import socket
import ssl
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest

from qovery_job_client import AuthenticatedClient, TransportTimeoutError, get_job
from scripts.nightly import webhook
from scripts.nightly.github import GitHub, GitHubError, connect
from scripts.peers.network import certificate
from scripts.report.text import visible
from tests.attacks.behaviors import drip
from tests.attacks.echoes import ECHOES
from tests.attacks.readers import READERS, Verdict, job_id, warm_up
from tests.attacks.test_behaviors import refusal
from tests.server import TOKEN, End, response, serve

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from tests.server import Request, Script, Step

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
    released, looked_up, ended = threading.Event(), [], []

    def slow(host: str, *_: object, **__: object) -> list[object]:
        looked_up.append(host)
        released.wait(30)
        ended.append(host)
        raise OSError("released")

    monkeypatch.setattr(socket, "getaddrinfo", slow)
    try:
        outcome = READERS[reader].run("http://localhost:1", 0.05)
        assert ended == []
    finally:
        released.set()

    assert outcome.verdict is Verdict.REFUSED
    assert set(looked_up) == {"localhost"}


def test_slow_lookup_of_an_awaited_call_ends_with_the_deadline(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It ends before the timeout of the connection, which is longer."""

    async def never(*_: object, **__: object) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr(asyncio.BaseEventLoop, "getaddrinfo", never)

    outcome = READERS["async client"].run("http://localhost:1", 0.05)

    assert outcome.verdict is Verdict.REFUSED
    assert "ConnectTimeout" not in outcome.shown


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


def deliver(url: str) -> str:
    """Post a message to a webhook; return the error."""
    with pytest.raises(webhook.WebhookError) as raised:
        webhook.send({}, url, sleep=lambda _: None)
    return str(raised.value)


def shown_by(command: str, url: str) -> str:
    """Run a command that reads from `url`, or that posts to it; return what it shows."""
    return deliver(url) if command == "webhook" else READERS[command].run(url, DEADLINE).shown


@pytest.mark.parametrize("command", [*COMMANDS, "webhook"])
def test_refusal_of_a_proxy_is_a_clear_error(command: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """It names the proxy's reason and what to check; the proxy receives no token."""
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    refusing = b"HTTP/1.1 407 Not \x1b[2J today\r\nContent-Length: 0\r\n\r\n"
    with serve(lambda _: [refusing, End.CLOSE]) as proxy:
        monkeypatch.setenv("https_proxy", proxy.url)
        shown = shown_by(command, "https://api.invalid")

    assert proxy.methods == {"CONNECT"}
    assert not [each for each in proxy.requests if TOKEN.encode() in each.raw]
    assert "the proxy refused the connection (407 Not" in shown
    assert "\x1b" not in shown


@pytest.mark.parametrize(
    "proxy", ["http://u:secret@h:abc", "http://[", "http://h:99999", "socks5://h", "http://h:0"]
)
@pytest.mark.parametrize("command", ["compare", "webhook"])
def test_invalid_proxy_is_a_clear_error(
    command: str, proxy: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It names the variable, and shows no password."""
    monkeypatch.setenv("https_proxy", proxy)
    monkeypatch.delenv("no_proxy", raising=False)

    shown = shown_by(command, "https://api.invalid")

    assert "invalid proxy" in shown
    assert "HTTPS_PROXY" in shown
    assert "secret" not in shown


@pytest.mark.parametrize("command", [*COMMANDS, "webhook"])
def test_no_proxy_is_obeyed(command: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The host is connected directly."""
    looked_up = []

    def refuse(host: str, *_: object, **__: object) -> list[object]:
        looked_up.append(host)
        raise socket.gaierror(socket.EAI_NONAME, "no such name")

    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    monkeypatch.setenv("no_proxy", ".invalid")
    with serve(lambda _: [response(b"{}")]) as proxy:
        monkeypatch.setenv("https_proxy", proxy.url)
        shown_by(command, "https://api.invalid")

    assert proxy.connections == 0
    assert set(looked_up) == {"api.invalid"}


def call_through(proxy: str, authority: Path) -> str:
    """Call the client through an https proxy; return the error."""
    trusted = ssl.create_default_context(cafile=authority)
    options = {"proxy": httpx.Proxy(proxy, ssl_context=trusted)}
    client = AuthenticatedClient(
        TOKEN, "https://api.invalid", deadline=0.2, retries=None, httpx_args=options
    )
    with client, pytest.raises(TransportTimeoutError) as raised:
        get_job.sync(job_id(), client=client)
    return str(raised.value)


@pytest.mark.parametrize("command", [*COMMANDS, "client"])
def test_slow_tls_within_tls_ends_with_the_deadline(
    command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A proxy that speaks TLS drips a handshake through it, a byte at a time."""
    authority = certificate(tmp_path, "ca", "ca")
    path = certificate(tmp_path, "server", "server", issuer="ca")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path, path.with_suffix(".key"))
    monkeypatch.setenv("SSL_CERT_FILE", str(authority))
    monkeypatch.delenv("no_proxy", raising=False)
    record = b"\x16\x03\x03\x00\xff" + bytes(255)

    with serve(lambda _: [b"HTTP/1.1 200 OK\r\n\r\n", *drip(record)], context) as proxy:
        monkeypatch.setenv("https_proxy", proxy.url)
        if command == "client":
            shown = call_through(proxy.url, authority)
        else:
            shown = READERS[command].run("https://api.invalid", 0.2).shown

    assert proxy.methods == {"CONNECT"}
    assert re.search("took longer than|not complete|no complete response|Timeout", shown)
    assert "SSL" not in shown


CONTROLS = "\x1b]0;title\x07\x9b31m"


PLACES = [place for place in ECHOES if not place.startswith("as ")]


@pytest.mark.parametrize(
    ("reader", "place"),
    [
        *((reader, place) for reader in ("compare", "nightly") for place in PLACES),
        *(("drift with reports", place) for place in PLACES[::6]),
    ],
)
def test_control_sequence_of_a_server_is_an_escape(reader: str, place: str) -> None:
    """Wherever it echoes one, no message and no report has it as it is."""
    body = READERS[reader].body()

    def script(request: Request) -> Iterable[Step]:
        refused = refusal(request) if reader.startswith("drift") else None
        return refused or ECHOES[place](body, CONTROLS)

    with serve(script) as server:
        shown = READERS[reader].run(server.url, DEADLINE).shown

    assert not [each for each in CONTROLS if not each.isprintable() and each in shown]


@pytest.mark.parametrize("url", ["https://h:abc", "https://\x01", "https://u:p@h", ""])
def test_invalid_url_is_a_clear_error(url: str) -> None:
    """Of GitHub, and of a webhook, whose URL is often a secret."""
    with pytest.raises(GitHubError, match="GITHUB_API_URL"):
        connect(url, TOKEN)
    if "@" not in url:
        assert "invalid URL; expected https://host/path" in deliver(url)


@pytest.mark.parametrize("end", ["", "\n", "\r\nX: y", " ", "\xfc"])
def test_invalid_token_is_a_clear_error(end: str) -> None:
    """It would end in the message of the library that writes headers."""
    with pytest.raises(GitHubError, match="set it to the token alone") as raised:
        connect("http://127.0.0.1:1", f"{TOKEN if end else ''}{end}")

    assert TOKEN not in str(raised.value)


@pytest.mark.parametrize("reader", ["nightly"])
def test_token_is_not_sent_unencrypted_to_another_machine(reader: str) -> None:
    """Such a base URL is refused before anything is sent."""
    outcome = READERS[reader].run("http://github.invalid", DEADLINE)

    assert "https" in outcome.shown
    assert TOKEN not in outcome.shown


@pytest.mark.parametrize(
    "link",
    ["//[", "http://a:b/", "http://\x01/", "https://x@{host}/", "http://user@{host}/", "/2", ""],
)
def test_invalid_link_to_the_next_page_is_an_error(link: str) -> None:
    """Scheme, user, host and port have to be the same; nothing else is requested."""

    def script(request: Request) -> Iterable[Step]:
        target = link.format(host=request.headers["host"])
        return [response(b"[]", headers={"Link": f'<{target}>; rel="next"'})]

    with (
        serve(script) as server,
        connect(server.url, TOKEN) as client,
        pytest.raises(GitHubError, match="the next page is on another server"),
    ):
        GitHub(client, "acme/shelf", "bot").issues("drift")

    assert len(server.requests) == 1


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
