"""The token shows itself to nobody but the wire, however a server writes it down."""

from __future__ import annotations

from urllib.parse import quote

import pytest

from contract_tests.run.target import Credential, TargetError, canonical_id, live_target
from contract_tests.spec.values import join, shorten

TOKEN = "qov_Ab/cd~ef+gh=="
SHOWN = "$QOVERY_API_TOKEN"
CREDENTIAL = Credential(TOKEN)


@pytest.mark.parametrize(
    "form",
    [
        TOKEN,
        TOKEN.upper(),
        TOKEN.lower(),
        quote(TOKEN, safe=""),
        quote(TOKEN, safe="").lower(),
        join("", TOKEN)[1:],
    ],
)
def test_each_form_is_hidden(form: str) -> None:
    """Plain, in another case, in an address, and in a JSON pointer."""
    assert CREDENTIAL.hide(f"x{form}y") == f"x{SHOWN}y"
    assert CREDENTIAL.hide([form, [form], 1, None]) == [SHOWN, [SHOWN], 1, None]


@pytest.mark.parametrize("before", range(60, 80))
def test_what_is_left_of_it_where_a_text_was_cut_is_hidden(before: int) -> None:
    """A report shows the first 80 characters, which may end within the token."""
    text = shorten("." * before + TOKEN + "." * 80)

    hidden = CREDENTIAL.hide(text)

    assert TOKEN[:6] not in hidden
    assert hidden.startswith("." * before)


def test_other_text_is_left_alone() -> None:
    """Hiding changes nothing that is not the token."""
    text = "a text that was cut…"

    assert CREDENTIAL.hide(text) == text


def test_it_is_not_in_its_own_repr() -> None:
    """A traceback or an assertion of pytest shows reprs."""
    target = live_target("https://api.example.com", (), TOKEN)

    assert TOKEN not in f"{CREDENTIAL!r} {CREDENTIAL} {target!r} {target}"


@pytest.mark.parametrize("token", ["two words", "line\nbreak", "tab\t", "ümlaut", " "])
def test_a_token_that_can_stand_in_no_header_is_refused(token: str) -> None:
    """Most often something was pasted with it; the message does not repeat it."""
    with pytest.raises(TargetError) as caught:
        live_target("https://api.example.com", (), token)

    assert token.strip() == "" or token not in str(caught.value)


@pytest.mark.parametrize("url", ["http://localhost:1", "http://127.0.0.1", "http://[::1]:80"])
def test_plain_http_is_fine_on_loopback(url: str) -> None:
    """Nobody listens in there."""
    assert live_target(url, (), TOKEN).url == url


@pytest.mark.parametrize(
    "url", ["http://localhost.example.com", "http://127.0.0.1.example.com", "http://10.0.0.1"]
)
def test_plain_http_elsewhere_needs_a_flag(url: str) -> None:
    """The token would be readable on the way."""
    with pytest.raises(TargetError, match="not encrypted"):
        live_target(url, (), TOKEN)

    assert live_target(url, (), TOKEN, allow_plain_http=True).url == url


def test_ids_are_made_canonical_and_unique() -> None:
    """The same job is asked for once, whatever way its id was written."""
    written = "7A0F3C525F6F4A509A7E0C8A4F2B9D11"
    target = live_target("https://h", (written, canonical_id(written)), TOKEN)

    assert target.known_ids == ("7a0f3c52-5f6f-4a50-9a7e-0c8a4f2b9d11",)
