"""Remove a token from everything that a run outputs, in every form in which a server may echo it.

Only fixed strings are searched for, so the time is linear in the length of the text.
"""

from __future__ import annotations

import html
import json
from base64 import b64encode, urlsafe_b64encode
from string import ascii_lowercase, ascii_uppercase
from typing import TYPE_CHECKING
from urllib.parse import quote, quote_plus

from attrs import field, frozen

from contract_tests.spec.values import CUT, SHORT, join

if TYPE_CHECKING:
    from contract_tests.spec.values import Json

SHORTEST = 4  # characters; a shorter token would blank out half of a report
LONG = 16  # characters
_STUMP = 6  # characters of a token that are hidden if the text was cut there
# Unlike `str.lower`, this never changes the length of a text.
_LOWER = str.maketrans(ascii_uppercase, ascii_lowercase)


@frozen
class Redactor:
    """Replaces a token by a placeholder.

    Attributes:
        placeholder: The replacement, printable ASCII without quotes or backslashes.
    """

    _token: str = field(repr=False)
    placeholder: str
    _forms: tuple[str, ...] = field(init=False, repr=False)

    @_forms.default
    def _find_forms(self) -> tuple[str, ...]:
        if len(self._token) < SHORTEST:
            return ()
        return tuple(dict.fromkeys(form.translate(_LOWER) for form in _spellings(self._token)))

    @property
    def is_long(self) -> bool:
        """Whether the token can't be a word of a report's own format."""
        return len(self._token) >= LONG

    def redact(self, value: Json) -> Json:
        """Return a JSON value or a text without the token."""
        match value:
            case str():
                return self._text(value)
            case list():
                return [self.redact(item) for item in value]
            case dict():
                return {self._text(key): self.redact(item) for key, item in value.items()}
            case _:
                return value

    def _text(self, text: str) -> str:
        lowered = text.lower()
        for form in self._forms:
            if form in lowered:
                text = self._without(text, form)
                lowered = text.lower()
        return self._without_stumps(text) if CUT in text else text

    def _without(self, text: str, form: str) -> str:
        lowered = text.translate(_LOWER)
        parts, start = [], 0
        while (found := lowered.find(form, start)) >= 0:
            parts.append(text[start:found])
            start = found + len(form)
        return self.placeholder.join([*parts, text[start:]])

    def _without_stumps(self, text: str) -> str:
        """Replace the beginning of the token at the end of a text that was cut inside it."""
        *parts, last = text.split(CUT)
        return CUT.join([*map(self._without_stump, parts), last])

    def _without_stump(self, text: str) -> str:
        end = text[-2 * SHORT :].translate(_LOWER)
        for length in range(len(end), _STUMP - 1, -1):
            if any(form.startswith(end[-length:]) for form in self._forms):
                return text[:-length] + self.placeholder
        return text


def _spellings(token: str) -> list[str]:
    """Return the forms in which servers and reports may write the token, longest first."""
    raw = token.encode()
    plain = {
        token,
        repr(token)[1:-1],
        repr(f"'{token}")[2:-1],
        json.dumps(token)[1:-1],
        json.dumps(token)[1:-1].replace("/", "\\/"),
        html.escape(token),
        join("", token)[1:],
        quote(token),
        quote(token, safe=""),
        quote_plus(token),
        quote(quote(token, safe=""), safe=""),
    }
    encoded = {
        raw.hex(),
        "".join(f"%{byte:02x}" for byte in raw),
        "".join(f"\\u{byte:04x}" for byte in raw),
        *(form for offset in range(3) for form in _base64(raw, offset)),
    }
    forms = plain | {form[::-1] for form in plain} | encoded
    return sorted((form for form in forms if len(form) >= SHORTEST), key=len, reverse=True)


def _base64(raw: bytes, offset: int) -> set[str]:
    """Return the base64 of `raw` at byte `offset` of a group, without the characters around it."""
    first = -(-offset * 4 // 3)
    spare = (len(raw) + offset) % 3
    forms = set()
    for encode in (b64encode, urlsafe_b64encode):
        text = encode(bytes(offset) + raw).decode().rstrip("=")
        forms.add(text[first : len(text) - (1 if spare else 0)])
    return forms
