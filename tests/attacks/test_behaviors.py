"""Every reader against every behavior: a named result, in bounded time, from one host by GET."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.attacks.behaviors import BEHAVIORS, Effect
from tests.attacks.readers import READERS, Verdict, job_id, warm_up
from tests.server import TOKEN, response, serve

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tests.server import Request, Step

DEADLINE = 0.05  # of a request to a server that stalls
RELAXED = 5.0  # of any other, which a busy machine keeps
GRACE = 1.0  # how much longer than its deadline a request may take
BODIES = frozenset({"compare", "nightly"})  # YAML and any JSON list have bodies of their own


@pytest.mark.parametrize("name", [name for name, it in BEHAVIORS.items() if not it.large])
@pytest.mark.parametrize("reader", [name for name in READERS if name != "drift with reports"])
def test_behavior_ends_in_a_named_result(reader: str, name: str) -> None:
    """No other exception, no longer than the deadline, no second host, nothing but GET."""
    behavior, subject = BEHAVIORS[name], READERS[reader]
    warm_up(reader)
    body = subject.body()
    deadline = DEADLINE if behavior.stalls else RELAXED

    with serve(lambda _: [response(body)]) as other:

        def script(request: Request) -> Iterable[Step]:
            steps = refusal(request) if reader == "drift" else None
            return steps or behavior.steps(body, other.url)

        with serve(script) as server:
            outcome = subject.run(server.url, deadline)

    assert other.requests == []
    assert server.methods <= {"GET"}
    assert TOKEN not in outcome.shown
    assert outcome.seconds <= subject.requests * deadline + GRACE
    if behavior.effect is Effect.ACCEPT:
        assert outcome.verdict is Verdict.ACCEPTED
    elif behavior.effect is Effect.REFUSE and not (behavior.content and reader in BODIES):
        assert outcome.verdict is Verdict.REFUSED


def refusal(request: Request) -> list[bytes] | None:
    """Return how an honest server refuses a probe of the drift run, None for a known job."""
    if TOKEN not in request.authorization:
        return [response(b"{}", "401 No")]
    return None if request.resource == job_id() else [response(b"{}", "404 No")]
