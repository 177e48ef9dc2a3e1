"""Whether a request carries a credential that the contract's security schemes allow.

Any well-formed value is accepted, so that nothing has to be set up; one that says `invalid` is
not, so that a wrong credential can be tried too.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from contract_tests.document import DocumentError
from contract_tests.references import follow
from contract_tests.values import Json, join

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from contract_tests.contract import Contract

_VALUE = r"[A-Za-z0-9._~+/-]+=*"  # token68 of RFC 9110
# OpenAPI has no field for the word before an API key; the description shows it: `Word <value>`.
_WORD = re.compile(r"`([A-Za-z]+) <\w+>`")


def authenticator(contract: Contract) -> Callable[[Mapping[str, str]], bool]:
    """Whether headers, which must be looked up without case, hold a credential that is accepted.

    Raises:
        DocumentError: A security scheme is none that goes into a header.
    """
    wanted = contract.operation.get("security", contract.flat.get("security", ()))
    forms = [
        (header, re.compile(pattern, re.IGNORECASE))
        for requirement in wanted
        for header, pattern in [_form(contract, name) for name in requirement][:1]
    ]

    def accepts(headers: Mapping[str, str]) -> bool:
        if not forms:
            return True
        values = [(headers.get(header, ""), form) for header, form in forms]
        return any(
            form.fullmatch(value) and "invalid" not in value.lower() for value, form in values
        )

    return accepts


def _form(contract: Contract, name: str) -> tuple[str, str]:
    """The header that a security scheme goes into, and the pattern of a well-formed value."""
    location = join("/components/securitySchemes", name)
    scheme: dict[str, Json]
    scheme, location = follow(contract.flat, {"$ref": "#" + location}, "/security")
    match scheme:
        case {"type": "http", "scheme": word}:
            return "Authorization", f"{re.escape(word)} +{_VALUE}"
        case {"type": "apiKey", "in": "header", "name": header}:
            word = _WORD.search(scheme.get("description", ""))
            return header, f"{word[1]} +{_VALUE}" if word else _VALUE
    raise DocumentError(f"{location}: expected a scheme `http`, or `apiKey` in a header")
