"""What a server does with requests that it must refuse: wrong ids, wrong credentials.

Each is asked for twice before it counts, and a server that fails to answer proves nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import uuid4

import httpx
from attrs import evolve, frozen

from contract_tests.oracle.finding import repeating
from contract_tests.run.known_jobs import still_answers
from contract_tests.run.retry import ask
from contract_tests.run.target import GARBAGE

if TYPE_CHECKING:
    from contract_tests.oracle.finding import Finding
    from contract_tests.oracle.response import ResponseChecker
    from contract_tests.run.record import RunRecord
    from contract_tests.run.transport import Transport

_UNKNOWN = (httpx.codes.NOT_FOUND, httpx.codes.FORBIDDEN)
_REFUSED = (httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN)
_INVALID = tuple(code for code in httpx.codes if httpx.codes.is_client_error(code))


@frozen
class Probe:
    """One request that must be refused.

    Attributes:
        name: What it is called.
        allowed: The statuses that refuse it.
        keyword: What a success is reported as.
        value: The id that it asks for, None for that of a known job.
        credential: Its Authorization header, empty for none, None for the real one.
    """

    name: str
    allowed: tuple[int, ...]
    keyword: str
    value: str | None = None
    credential: str | None = None


PROBES = (
    Probe("unknown id", _UNKNOWN, "unknown-id", value=str(uuid4())),
    Probe("invalid id", _INVALID, "invalid-id", value="not-a-uuid"),
    Probe("no credential", _REFUSED, "authentication", credential=""),
    Probe("garbage credential", _REFUSED, "authentication", credential=GARBAGE),
)


def run(probe: Probe, wire: Transport, judge: ResponseChecker, record: RunRecord) -> list[Finding]:
    """Every finding about the answers to `probe` that repeats; records what does not.

    Raises:
        Unanswered: No answer came.
    """
    _, first = _asked(probe, wire, judge, record)
    if not first:
        return []
    status, again = _asked(probe, wire, judge, record)
    if httpx.codes.is_server_error(status) and not still_answers(wire, record):
        return []
    same, once = repeating(first, again)
    record.add_flaky(once)
    return same


def _asked(
    probe: Probe, wire: Transport, judge: ResponseChecker, record: RunRecord
) -> tuple[int, list[Finding]]:
    """The status that `probe` was answered with, and every finding about that."""
    value = probe.value or record.known_id
    credential = record.target.credential.shown if probe.credential is None else probe.credential
    answer = ask(wire, record.contract.path_of(value), credential or None)
    judged = judge.check_refusal(answer, probe.allowed, probe.keyword)
    if judged.findings:
        wire.drop_connection()
    reproduce = record.reproduce(value, credential)
    return answer.status, [
        evolve(finding, reproduce=reproduce, message=f"{probe.name}: {finding.message}")
        for finding in judged.findings
    ]
