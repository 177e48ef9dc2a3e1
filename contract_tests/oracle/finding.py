"""What a check reports: one fact, where it is, and whom it hurts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias

from attrs import frozen

if TYPE_CHECKING:
    from collections.abc import Mapping

    from contract_tests.spec.values import Json

Kind: TypeAlias = Literal["violation", "addition", "behaviour"]
Severity: TypeAlias = Literal["breaking", "additive"]
Effect: TypeAlias = Literal["breaks decoding", "decodes with loss", "harmless"]

ADDITION = "additionalProperties"

# What an importer of the client notices of each keyword; for whatever is not listed the client
# raises. It keeps an unknown enum member as text, reads the last of repeated keys, believes that a
# job is the one it asked for, and never asks for what the harmless behaviours are about: other
# ids, other credentials, other methods.
_EFFECTS: Mapping[str, Effect] = {
    "allow": "harmless",
    "authentication": "harmless",
    "duplicate-key": "decodes with loss",
    "enum": "decodes with loss",
    "header": "harmless",
    "identity": "decodes with loss",
    "integer-range": "decodes with loss",
    "invalid-id": "harmless",
    "rate-limit": "harmless",
    "surrogate": "decodes with loss",
    "unknown-id": "harmless",
    "variant": "decodes with loss",
}
# A format that the client does not turn into a type of its own stays the text that it is.
_FORMATS_DECODED = frozenset({"uuid", "date-time"})


@frozen
class Finding:
    """One fact that a check reports.

    Attributes:
        kind: `violation` (a rule is broken), `addition` (a property that the contract does not
            know) or `behaviour` (status, media type, authentication, framing).
        check: The name of the check that found it.
        location: The instance location, a JSON pointer; empty for the whole body.
        keyword: The keyword that is broken; for a behaviour its short name, such as `status`.
        expected: What the contract says.
        seen: What was there, shortened.
        message: The fact as a sentence.
        rule: The JSON pointer of the broken keyword in the contract, where there is one.
        job_id: The job that was asked for.
        variant: The variant that the instance means.
        reproduce: A command line that asks for it again, without any credential.
        deviation: Why this finding is accepted, or None where no deviation covers it.
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
    reproduce: str | None = None
    deviation: str | None = None

    @property
    def severity(self) -> Severity:
        """`additive` for what importers are built to survive, else `breaking`."""
        return "additive" if self.kind == "addition" else "breaking"

    @property
    def effect(self) -> Effect:
        """What an importer of the client notices."""
        if self.kind == "addition":
            return "harmless"
        if self.keyword == "format" and self.expected not in _FORMATS_DECODED:
            return "harmless"
        return _EFFECTS.get(self.keyword, "breaks decoding")
