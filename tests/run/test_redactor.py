"""A token is removed in every form in which a server may echo it."""

from __future__ import annotations

import base64
import html
import json
from urllib.parse import quote

import pytest

from contract_tests.run.redactor import Redactor
from contract_tests.spec.values import join, shorten

TOKEN = "qov_Ab/cd~ef+gh'ij\\kl=="
PLACEHOLDER = "$QOVERY_API_TOKEN"
REDACTOR = Redactor(TOKEN, PLACEHOLDER)
FORMS = {
    "plain": TOKEN,
    "upper": TOKEN.upper(),
    "lower": TOKEN.lower(),
    "reversed": TOKEN[::-1],
    "repr": repr(TOKEN)[1:-1],
    "json": json.dumps(TOKEN)[1:-1],
    "json-escapes": "".join(f"\\u{ord(letter):04X}" for letter in TOKEN),
    "html": html.escape(TOKEN),
    "percent": quote(TOKEN, safe=""),
    "percent-lower": quote(TOKEN, safe="").lower(),
    "percent-twice": quote(quote(TOKEN, safe=""), safe=""),
    "percent-each": "".join(f"%{ord(letter):02X}" for letter in TOKEN),
    "pointer": join("", TOKEN)[1:],
    "hex": TOKEN.encode().hex(),
}


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_each_form_is_redacted(form: str) -> None:
    """In texts, and in the keys and values of JSON."""
    assert REDACTOR.redact(f"x{form}y") == f"x{PLACEHOLDER}y"
    assert REDACTOR.redact({form: [form, 1, None]}) == {PLACEHOLDER: [PLACEHOLDER, 1, None]}
    assert TOKEN not in repr(REDACTOR.redact(f"{form!r}"))


@pytest.mark.parametrize("before", ["", "x", "xy", "Token "])
@pytest.mark.parametrize("encode", [base64.b64encode, base64.urlsafe_b64encode])
def test_base64_is_redacted_at_each_offset(before: str, encode: object) -> None:
    """A header or a session is often encoded with the token somewhere within it."""
    assert callable(encode)
    text = encode(f"{before}{TOKEN} and more".encode()).decode()

    redacted = REDACTOR.redact(text)

    assert PLACEHOLDER in redacted
    assert len(redacted) < len(text)


@pytest.mark.parametrize("before", range(60, 80))
def test_beginning_of_a_token_is_redacted_where_a_text_was_cut(before: int) -> None:
    """A report shows the first 80 characters, which may end within the token."""
    text = shorten("." * before + TOKEN + "." * 80)

    redacted = REDACTOR.redact(f"/name is {text!r}; expected another")

    assert TOKEN[:6] not in redacted
    assert "." * before in redacted


def test_other_text_is_unchanged() -> None:
    """Redaction changes nothing but the token."""
    text = "a text that was cut…"

    assert REDACTOR.redact(text) == text


def test_long_token_takes_linear_time() -> None:
    """Searches for fixed strings only: 10 kB of token in megabytes of text, at many places."""
    token = "Qz/" * 3_300
    text = f"{'a' * 1_000}{token}x…" * 100

    redacted = Redactor(token, PLACEHOLDER).redact(text)

    assert redacted.count(PLACEHOLDER) == 100
    assert "Qz/" not in redacted


def test_short_token_is_not_searched_for() -> None:
    """A token of three characters would blank out half of a report."""
    assert Redactor("abc", PLACEHOLDER).redact("abcdef") == "abcdef"
