"""Whether a request carries a credential that the contract's security schemes allow.

Any well-formed value is accepted, so that nothing has to be set up; one that says `invalid` is
not, so that a wrong credential can be tried too.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from attrs import frozen

from contract_tests.spec.document import DocumentError
from contract_tests.spec.references import follow
from contract_tests.spec.values import Json, join

if TYPE_CHECKING:
    from collections.abc import Mapping

    from contract_tests.spec.contract import Contract

_VALUE = re.compile(r"[A-Za-z0-9._~+/-]+=*")  # token68 of RFC 9110
# OpenAPI has no field for the word before an API key; the description shows it: `Word <value>`.
_WORD = re.compile(r"`([A-Za-z]+) <\w+>`")


@frozen
class Scheme:
    """One way to say who asks.

    Attributes:
        header: The header that it goes into.
        word: What stands before the value, where anything does.
    """

    header: str
    word: str | None

    @property
    def example(self) -> str:
        """A value of the header that is accepted."""
        return f"{self.word} any" if self.word else "any"

    def accepts(self, headers: Mapping[str, str]) -> bool:
        """Whether headers, which must be looked up without case, hold it well-formed and valid."""
        value = headers.get(self.header, "")
        if self.word is not None:
            word, _, value = value.partition(" ")
            if word.lower() != self.word.lower():
                return False
        return _VALUE.fullmatch(value) is not None and "invalid" not in value.lower()


def schemes(contract: Contract) -> tuple[Scheme, ...]:
    """The schemes of the contract, any one of which is enough; none where it asks for nothing.

    Raises:
        DocumentError: One is no scheme that goes into a header, or is wanted beside another one.
    """
    wanted = contract.operation.get("security", contract.flat.get("security", ()))
    return tuple(_scheme(contract, requirement) for requirement in wanted)


def _scheme(contract: Contract, requirement: Mapping[str, Json]) -> Scheme:
    for name in requirement if len(requirement) == 1 else ():
        location = join("/components/securitySchemes", name)
        scheme, _ = follow(contract.flat, {"$ref": "#" + location}, "/security")
        match scheme:
            case {"type": "http", "scheme": str(word)}:
                return Scheme("Authorization", word.capitalize())
            case {"type": "apiKey", "in": "header", "name": str(header)}:
                shown = _WORD.search(scheme.get("description", ""))
                return Scheme(header, shown[1] if shown else None)
    names = " and ".join(requirement) or "nothing"
    raise DocumentError(f"/security: {names}; expected one scheme, `http` or `apiKey` in a header")
