"""A server that echoes the token, at many places and in many forms: it is shown nowhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.attacks.echoes import ECHOES, forms
from tests.attacks.readers import READERS
from tests.attacks.test_behaviors import refusal
from tests.server import TOKEN, serve

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tests.server import Request, Step

DEADLINE = 5.0
# The ends of a base64 text depend on what is around the token.
FORMS = {
    name: (form[8:-4] if "base64" in name else form).lower() for name, form in forms(TOKEN).items()
}
# The client removes the token from the bytes that it receives, as it was sent. A run, whose reports
# others read, removes every form.
AS_SENT = [place for place in ECHOES if not place.startswith("as ")] + ["as JSON", "as repr"]
CASES = [
    *((reader, place) for reader in ("client", "async client") for place in AS_SENT),
    *((reader, place) for reader in ("drift with reports", "nightly") for place in ECHOES),
]


@pytest.mark.parametrize(("reader", "place"), CASES)
def test_echoed_token_is_shown_nowhere(reader: str, place: str) -> None:
    """Neither in output nor in a report, an exception, a frame's variables or a log record."""
    subject = READERS[reader]
    body = subject.body()

    def script(request: Request) -> Iterable[Step]:
        refused = refusal(request) if reader.startswith("drift") else None
        return refused or ECHOES[place](body, TOKEN)

    with serve(script) as server:
        shown = subject.run(server.url, DEADLINE).shown.lower()

    assert [name for name, form in FORMS.items() if form in shown] == []
