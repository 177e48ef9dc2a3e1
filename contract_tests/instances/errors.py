"""Valid error bodies."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from contract_tests.instances.population import Generator, encode

if TYPE_CHECKING:
    from contract_tests.spec.contract import Contract, Response


def error_body(contract: Contract, status: int) -> bytes:
    """Return a valid error body.

    Numbers are the status, and texts its phrase, where the schema allows it.

    Raises:
        ValueError: HTTP has no such status.
    """
    plain = {"integer": status, "string": HTTPStatus(status).phrase}
    documented = _documented(contract, status)
    if documented is None:
        return encode({"status": status})
    schema = next(iter(documented.content.values()))
    body = Generator(status).value(schema, "", "")
    if isinstance(body, dict):
        for name, inner in schema.properties.items():
            if not inner.assertions and (kinds := [each for each in inner.types if each in plain]):
                body[name] = plain[kinds[0]]
    return encode(body)


def error_media_type(contract: Contract, status: int) -> str:
    """Return the media type of an error."""
    documented = _documented(contract, status)
    return next(iter(documented.content)) if documented else "application/json"


def _documented(contract: Contract, status: int) -> Response | None:
    """Return the response for a status; one that is not documented has the body of a 404."""
    found = (contract.response(each) for each in (status, 404))
    return next((each for each in found if each is not None and each.content), None)
