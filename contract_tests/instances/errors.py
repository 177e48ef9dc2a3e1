"""Error bodies that fit the contract."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from contract_tests.instances.population import encode

if TYPE_CHECKING:
    from contract_tests.spec.contract import Contract


def error_body(contract: Contract, status: int) -> bytes:
    """An error body: of what the contract describes, each number the status, each text its phrase.

    A status that it does not describe is answered like its 404.
    """
    described = contract.responses.get(str(status)) or contract.responses.get("404")
    schema = next(iter(described.content.values()), None) if described else None
    says = {"integer": status, "string": HTTPStatus(status).phrase}
    return encode(
        {
            name: says[kind]
            for name, inner in (schema.properties.items() if schema else ())
            for kind in inner.types[:1]
            if kind in says
        }
    )
