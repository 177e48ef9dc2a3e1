"""Work out what an overlay does to the contract, its version and the changelog. No I/O."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import frozen

from contract_tests.spec import contract as contracts
from contract_tests.spec.document import Document, DocumentError, parse
from contract_tests.spec.values import Json, at, join
from scripts.accept.blank_lines import tidy
from scripts.accept.changelog import entries, highest_bump, parsed, raised, with_entries
from scripts.compare.divergences import Divergence, find_divergences
from scripts.compare.draft import refuse_hostile_text
from scripts.compare.operation import extract
from scripts.compare.overlay import apply, dump, yaml

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scripts.compare.operation import OperationShape
    from scripts.compare.overlay import Overlay

# Only a release or a person changes these: they decide where a token is sent.
_PROTECTED = ("/openapi", "/info", "/servers", "/security", "/components/securitySchemes")


@frozen
class ContractChange:
    """A change of the contract.

    Attributes:
        source: The new text of the contract.
        changelog: The new text of the changelog.
        version: The new version.
        divergences: What changes, as a comparison of the old contract with the new one.
        undescribed: The pointers of parts without a description.
        lines: The line of each in the new contract.
    """

    source: bytes
    changelog: bytes
    version: str
    divergences: tuple[Divergence, ...]
    undescribed: tuple[str, ...]
    lines: tuple[int, ...]


def work_out(
    source: bytes, name: str, changelog: str, overlay: Overlay, released: Document | None
) -> ContractChange | None:
    """Apply `overlay` to a contract; None if that changes nothing.

    Args:
        source: The text of the contract.
        name: Its name in messages.
        changelog: The text of the changelog.
        overlay: The change.
        released: The contract of the last release, which the version is relative to.

    Raises:
        DocumentError: The overlay does not fit the contract, changes what it must not, or makes
            the contract invalid.
        ManualChangeError: It has a name that is unsafe in generated code.
    """
    before = parse(source, name)
    data = yaml().load(source.decode())
    apply(data, overlay.actions)
    after = parse(dump(data).encode(), name)
    if after.data == before.data:
        return None
    refuse_protected(before.data, after.data)
    refuse_hostile_text(before.data, after.data)
    changes = find_divergences(operation_of(before), operation_of(after))
    version = next_version(before, after, released)
    data["info"]["version"] = version
    text = tidy(source.decode(), dump(data)).encode()
    document = parse(text, name)
    undescribed = tuple(find_undescribed(document.data))
    return ContractChange(
        source=text,
        changelog=with_entries(changelog, entries(changes, after.data)).encode(),
        version=version,
        divergences=tuple(changes),
        undescribed=undescribed,
        lines=tuple(document.line(pointer) for pointer in undescribed),
    )


def next_version(before: Document, after: Document, released: Document | None) -> str:
    """Return the version that `after` needs: that of the last release, raised once.

    It is never lower than the version of `before`.

    Raises:
        DocumentError: A version is not three numbers.
    """
    current = str(before.data["info"]["version"])
    base = before if released is None else released
    changes = find_divergences(operation_of(base), operation_of(after))
    needed = raised(str(base.data["info"]["version"]), highest_bump(changes))
    return max(current, needed, key=parsed)


def operation_of(document: Document) -> OperationShape:
    """Return the operation of a contract.

    Raises:
        DocumentError: The contract is invalid.
    """
    return extract(document, contracts.resolve(document).path)


def refuse_protected(before: Json, after: Json) -> None:
    """Check that the overlay does not change where requests and tokens are sent.

    Raises:
        DocumentError: It does.
    """
    for pointer in (*_PROTECTED, *_path_settings(before, after)):
        if _get(before, pointer) != _get(after, pointer):
            message = f"the overlay changes {pointer}, which decides where requests are sent"
            if pointer in {"/openapi", "/info"}:
                message = f"the overlay changes {pointer}"
            raise DocumentError(f"{message}; edit the contract by hand if that is intended")


def _path_settings(before: Json, after: Json) -> Iterator[str]:
    """Yield the pointers of everything in `paths` that is not about parameters or responses."""
    allowed = {"parameters", "responses", "description", "summary"}
    for data in (before, after):
        paths = data.get("paths", {})
        for path, item in paths.items():
            for method, operation in item.items():
                where = join("/paths", path, method)
                if method != "get" or not isinstance(operation, dict):
                    yield where
                else:
                    yield from (join(where, key) for key in operation if key not in allowed)


def _get(data: Json, pointer: str) -> Json:
    try:
        return at(data, pointer)
    except (LookupError, TypeError, ValueError):
        return None


def find_undescribed(data: Json) -> Iterator[str]:
    """Yield the pointers of components, properties and responses without a description.

    A property that only refers to a component needs no description.
    """
    for name, schema in data.get("components", {}).get("schemas", {}).items():
        pointer = join("/components/schemas", name)
        if not _is_described(schema):
            yield pointer
        yield from _undescribed_properties(schema, pointer)
    for path, item in data.get("paths", {}).items():
        for status, response in item.get("get", {}).get("responses", {}).items():
            if not _is_described(response) and "$ref" not in response:
                yield join("/paths", path, "get", "responses", status)


def _undescribed_properties(schema: Json, pointer: str) -> Iterator[str]:
    if not isinstance(schema, dict):
        return
    for name, inner in schema.get("properties", {}).items():
        where = join(pointer, "properties", name)
        refers = isinstance(inner, dict) and {"$ref", "oneOf"} & inner.keys()
        if not refers and not _is_described(inner):
            yield where
        yield from _undescribed_properties(inner, where)
    for keyword in ("allOf", "oneOf"):
        for index, part in enumerate(schema.get(keyword, ())):
            yield from _undescribed_properties(part, join(pointer, keyword, index))
    yield from _undescribed_properties(schema.get("items"), join(pointer, "items"))


def _is_described(node: Json) -> bool:
    return isinstance(node, dict) and bool(str(node.get("description", "")).strip())
