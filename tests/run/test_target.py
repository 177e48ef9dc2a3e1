"""Which servers, ids and tokens a run accepts."""

from __future__ import annotations

import pytest

from contract_tests.run.target import TargetError, canonical_id, live_target
from contract_tests.spec.contract import load

CONTRACT = load()
TOKEN = "qov_Ab/cd~ef+gh=="


def test_token_is_not_in_a_repr() -> None:
    """A traceback shows reprs."""
    target = live_target(CONTRACT, "https://api.example.com", (), TOKEN)

    assert TOKEN not in f"{target.credential!r} {target.credential} {target!r} {target}"


@pytest.mark.parametrize("token", ["two words", "line\nbreak", "tab\t", "ümlaut", " "])
def test_token_that_no_header_can_hold_is_refused(token: str) -> None:
    """Most often something was pasted with it; the message does not repeat it."""
    with pytest.raises(TargetError) as caught:
        live_target(CONTRACT, "https://api.example.com", (), token)

    assert token.strip() == "" or token not in str(caught.value)


@pytest.mark.parametrize("url", ["http://localhost:1", "http://127.0.0.1", "http://[::1]:80"])
def test_plain_http_to_loopback_is_allowed(url: str) -> None:
    """The token does not leave the machine."""
    assert live_target(CONTRACT, url, (), TOKEN).url == url


@pytest.mark.parametrize(
    "url", ["http://localhost.example.com", "http://127.0.0.1.example.com", "http://10.0.0.1"]
)
def test_plain_http_elsewhere_needs_a_flag(url: str) -> None:
    """The token could be read on the way."""
    with pytest.raises(TargetError, match="not encrypted"):
        live_target(CONTRACT, url, (), TOKEN)

    assert live_target(CONTRACT, url, (), TOKEN, allow_plain_http=True).url == url


def test_ids_are_canonical_and_unique() -> None:
    """A job is requested once, however its id is written."""
    written = "7A0F3C525F6F4A509A7E0C8A4F2B9D11"
    target = live_target(CONTRACT, "https://h", (written, canonical_id(CONTRACT, written)), TOKEN)

    assert target.known_ids == ("7a0f3c52-5f6f-4a50-9a7e-0c8a4f2b9d11",)
