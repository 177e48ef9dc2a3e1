"""A finding: one fact, its location, and its effect on importers."""

from __future__ import annotations

import json
from enum import StrEnum
from typing import TYPE_CHECKING, TypeAlias

from attrs import frozen

from contract_tests.spec.keywords import effect_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from contract_tests.spec.keywords import Effect, Severity
    from contract_tests.spec.values import Json

Identity: TypeAlias = tuple[str, ...]

ADDITION = "additionalProperties"


class Kind(StrEnum):
    """The kind of a finding.

    A violation breaks a rule, an addition is an undocumented property, and a behavior is about
    status, media type, authentication or framing.
    """

    VIOLATION = "violation"
    ADDITION = "addition"
    BEHAVIOR = "behavior"


@frozen
class Finding:
    """One fact that a check reports.

    Attributes:
        kind: Violation, addition or behavior.
        check: The name of the check that found it.
        location: The instance location, a JSON pointer; empty for the whole body.
        keyword: The keyword that is broken; for a behavior its short name, such as `status`.
        expected: The value in the contract.
        seen: The value in the response, shortened.
        message: The fact as a sentence.
        rule: The JSON pointer of the broken keyword in the contract, for an addition that of the
            schema that does not document it; None if the finding is not about a body.
        job_id: The id in the request.
        variant: The variant of the job.
        response: The status of the response it is about, if that is not the success response.
        reproduce: A command line that repeats the request, without any credential.
        deviation: Why it is accepted, or None if no deviation covers it.
    """

    kind: Kind
    check: str
    location: str
    keyword: str
    expected: Json
    seen: Json
    message: str
    rule: str | None = None
    job_id: str | None = None
    variant: str | None = None
    response: str | None = None
    reproduce: str | None = None
    deviation: str | None = None

    @property
    def severity(self) -> Severity:
        """`additive` if importers tolerate it, else `breaking`."""
        return self.effect.severity

    @property
    def effect(self) -> Effect:
        """The effect on an importer of the client."""
        return effect_of(self.keyword, self.expected)

    @property
    def fact(self) -> Identity:
        """The key that it shares with the same finding about another job."""
        expected = json.dumps(self.expected, sort_keys=True, default=str)
        return (self.kind, self.response or "", self.location, self.keyword, expected)

    @property
    def identity(self) -> Identity:
        """The key that it shares with the same finding in another response for the same job."""
        return (*self.fact, self.job_id or "")


def repeating(
    first: Sequence[Finding], second: Sequence[Finding]
) -> tuple[list[Finding], list[Finding]]:
    """Return the findings that are in both, and those that are in only one."""
    before = {finding.identity: finding for finding in first}
    after = {finding.identity: finding for finding in second}
    same = [finding for key, finding in after.items() if key in before]
    once = [*before.items(), *after.items()]
    return same, [finding for key, finding in once if not (key in before and key in after)]
