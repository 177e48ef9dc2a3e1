"""Names for the schemas that need one: components by their own, inline schemas by their place."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from contract_tests.spec.values import split

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from contract_tests.spec.values import Json

# Classes and modules of the generated package, which no component may be named after.
RESERVED_CLASSES = frozenset(
    {
        *("ApiError", "AuthenticatedClient", "BodyError", "Client", "ContractViolationError"),
        *("ForbiddenError", "InsecureTransportWarning", "Json", "Model", "NotFoundError"),
        *("OpenEnum", "RateLimit", "RateLimitError", "Response", "Retries", "ServerError"),
        *("StatusError", "TransportError", "TransportTimeoutError", "UnauthorizedError"),
        *("UnexpectedStatusError", "Unset", "Annotated", "Any", "Enum", "Final", "Literal"),
        *("Mapping", "Meta", "Sequence", "TypeAlias", "UNSET", "UUID", "Union", "None"),
    }
)
# Parameters of the functions that call the operation.
RESERVED_PARAMETERS = frozenset({"client", "deadline", "headers", "retries", "self", "timeout"})


def words_of(text: str) -> list[str]:
    """Return the words of a name: `createdAt`, `created_at` and `created-at` have two."""
    return re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z0-9]+|[A-Z0-9]+", text)


def pascal(text: str) -> str:
    """Return `text` as a class name: `created_at` becomes `CreatedAt`."""
    return "".join(word[:1].upper() + word[1:] for word in words_of(text))


def operation_id(operation: Mapping[str, Json], path: str) -> str:
    """Return the `operationId`; without one `get` and the words of the path: `getPetsPetId`."""
    return str(operation.get("operationId") or "get" + pascal(path))


def derive_name(pointer: str, operation_id: str, components: Sequence[str] = ()) -> str:
    """Return the name of the schema at `pointer` of the document.

    A component has its own name, the schema of a response that of the operation, and a schema in
    another one the name of that, followed by the property: `JobBaseSource`. A name that a component
    or the client has already gets a number.
    """
    tokens = split(pointer)
    if tokens[:2] == ["components", "schemas"] and len(tokens) > 2:  # noqa: PLR2004
        name, *rest = tokens[2:]
        if not rest:
            return name
    else:
        name, rest = pascal(operation_id) + "Response", tokens
        rest = tokens[tokens.index("schema") + 1 :] if "schema" in tokens else []
    name = pascal(name) + "".join(_part(rest))
    number = 2
    unique = name
    while unique in components or unique in RESERVED_CLASSES:
        unique, number = f"{name}{number}", number + 1
    return unique


def _part(tokens: list[str]) -> list[str]:
    match tokens:
        case ["properties", name, *rest]:
            return [pascal(name), *_part(rest)]
        case ["items", *rest]:
            return ["Item", *_part(rest)]
        case ["oneOf" | "anyOf", index, *rest]:
            return [f"Option{int(index) + 1}", *_part(rest)]
        case ["allOf", _, *rest]:
            return _part(rest)
        case _:
            return []
