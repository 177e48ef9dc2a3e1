"""The environment: netrc is never read, and a plain proxy gets no token of a command."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from scripts.report.text import visible
from tests.attacks.behaviors import response
from tests.attacks.readers import READERS, TOKEN
from tests.attacks.server import serve
from tests.attacks.test_behaviors import refusal

if TYPE_CHECKING:
    from collections.abc import Iterable

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
