"""The contract: one operation of a document, its responses and schemas, ready to check against.

Every package reads the document through this module.
"""

from __future__ import annotations

from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from attrs import frozen

from contract_tests.spec.builder import SchemaBuilder
from contract_tests.spec.document import Document, DocumentError, parse, read_bytes
from contract_tests.spec.naming import operation_id, words_of
from contract_tests.spec.operation import SUCCESS, Response, read_operation, read_responses
from contract_tests.spec.references import flatten
from contract_tests.spec.schema import Rule, Schema, size_of, walk
from contract_tests.spec.values import Json, join, printable

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["PATH", "SUCCESS", "Contract", "Response", "load", "resolve"]

PATH = Path(__file__).parents[2] / "openapi" / "job.yaml"
MOST = 50_000  # schemas of a response; the oracle of that many takes seconds to compile
IDENTITY = "x-identity"  # of the operation: the property that contains the id, or null for none


@frozen(eq=False)
class Contract:
    """A linted and resolved document.

    Attributes:
        document: Its source.
        flat: Its data with each `allOf` merged.
        path: The path template of the operation.
        operation: The operation's object, with all its parameters.
        parameter: The name of the path parameter, the id.
        id_schema: The schema of the id.
        responses: The documented responses by status; ranges and `default` come last.
        job: The schema of the success response.
    """

    document: Document
    flat: dict[str, Json]
    path: str
    operation: Mapping[str, Json]
    parameter: str
    id_schema: Schema
    responses: Mapping[str, Response]
    job: Schema

    @property
    def version(self) -> str:
        """The contract's version, `info.version`."""
        return str(self.flat["info"]["version"])

    @property
    def title(self) -> str:
        """The contract's title, `info.title`."""
        return str(self.flat["info"]["title"])

    @property
    def operation_id(self) -> str:
        """The name of the operation, derived from its path if the document has none."""
        return operation_id(self.operation, self.path)

    @property
    def server(self) -> str:
        """The URL of the first server."""
        return str(self.flat["servers"][0]["url"])

    @cached_property
    def variants(self) -> Mapping[str, Schema]:
        """The branches of the success response by name; the whole schema if it has none."""
        return {schema.name: schema for schema in self.job.branches or (self.job,)}

    @cached_property
    def rules(self) -> tuple[Rule, ...]:
        """Every rule of the success response, in the document's order, each once."""
        lines = self.document.line
        rules = {
            rule for schema in walk(self.job) for group in schema.rules.values() for rule in group
        }
        return tuple(sorted(rules, key=lambda rule: (lines(rule.location), rule.location)))

    @cached_property
    def identity(self) -> str | None:
        """The property of the success response that contains the id, or None.

        The operation's `x-identity` names it. Without that, it is the property that every variant
        requires, with the type and format of the path parameter and its name or the last words of
        it: `job_id` or `id` for `jobId`. The longest name wins.
        """
        if IDENTITY in self.operation:
            declared = self.operation[IDENTITY]
            return None if declared is None else str(declared)
        names = {
            len(words_of(name)): name
            for name in self.variants[next(iter(self.variants))].required
            if _is_named_after(name, self.parameter)
            and all(
                name in schema.required and _is_like(schema.properties[name], self.id_schema)
                for schema in self.variants.values()
            )
        }
        return names[max(names)] if names else None

    @property
    def warnings(self) -> tuple[str, ...]:
        """Sentences about what the contract leaves unchecked."""
        if self.identity is None and IDENTITY not in self.operation:
            where = join("/paths", self.path, "get")
            line = self.document.line(where)
            sentence = (
                f"no property repeats the {self.parameter}, so a response about another resource "
                f"goes unnoticed; declare one with `{IDENTITY}: <property>`, or `{IDENTITY}: null`"
            )
            return (printable(f"{self.document.name}:{line}: {where}: {sentence}"),)
        return ()

    def response(self, status: int | str) -> Response | None:
        """Return the response that documents `status`: by code, by range, or the default."""
        status = str(status)
        for key in (status, f"{status[:1]}XX", "default"):
            if key in self.responses:
                return self.responses[key]
        return None

    def path_of(self, value: str) -> str:
        """Return the path of the operation with `value` as its parameter."""
        return self.path.replace("{" + self.parameter + "}", quote(value, safe=""))

    def line(self, rule: Rule) -> int:
        """Return the line of the document on which `rule` is."""
        return self.document.line(rule.location)


def load(path: Path = PATH) -> Contract:
    """Read, lint and resolve the contract at `path`.

    Raises:
        DocumentError: The document is not valid, or not one that the tools read right. The message
            has a line for each problem: file, line, pointer, what is wrong, what to write instead.
    """
    return _load(str(path), read_bytes(path))


@lru_cache(maxsize=8)  # one process may need the same contract often
def _load(name: str, source: bytes) -> Contract:
    return resolve(parse(source, name))


def resolve(document: Document) -> Contract:
    """Lint and resolve a document; raises as `load` does."""
    from contract_tests.spec.lint import refuse  # noqa: PLC0415 - a wheel has not all that it needs

    refuse(document)
    return build(document)


def build(document: Document) -> Contract:
    """Resolve a document that was linted before, such as the one in a wheel.

    Raises:
        DocumentError: It cannot be resolved.
    """
    try:
        return _build(document)
    except DocumentError as error:
        location, _, rest = str(error).partition(": ")
        where = (
            f"{document.name}:{document.line(location)}" if location[:1] == "/" else document.name
        )
        raise DocumentError(f"{where}: {location}: {rest}") from error


def _build(document: Document) -> Contract:
    data = document.data
    flat = flatten(data)
    operation = read_operation(flat)
    where = join("/paths", operation.path, "get")
    builder = SchemaBuilder(data, flat, operation_id(operation.data, operation.path))
    responses = read_responses(flat, operation.data, join(where, "responses"), builder)
    job = responses[SUCCESS].schema
    assert job is not None
    sizes: dict[int, int] = {}
    for response in responses.values():
        if response.schema is not None and size_of(response.schema, sizes) > MOST:
            raise DocumentError(
                f"{response.schema.location}: over {MOST:,} schemas, each written out wherever it "
                "is used; nest less, and give unions a discriminator"
            )
    contract = Contract(
        document,
        flat,
        operation.path,
        operation.data,
        operation.parameter,
        builder.schema(operation.id_schema, operation.id_place),
        responses,
        job,
    )
    _check_identity(contract, where)
    return contract


def _check_identity(contract: Contract, where: str) -> None:
    declared = contract.operation.get(IDENTITY)
    if declared is not None and not all(
        declared in schema.required for schema in contract.variants.values()
    ):
        raise DocumentError(
            f"{join(where, IDENTITY)}: {declared!r} is not a property that every variant requires; "
            "name one, or null"
        )


def _is_named_after(name: str, parameter: str) -> bool:
    """Return whether a property has the name of the parameter, or its last words."""
    own, words = (tuple(map(str.lower, words_of(each))) for each in (name, parameter))
    return bool(own) and words[-len(own) :] == own


def _is_like(schema: Schema, other: Schema) -> bool:
    return schema.types == other.types and schema.assertions.get("format") == other.assertions.get(
        "format"
    )
