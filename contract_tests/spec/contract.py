"""The contract as rules: its operation, its variants, its schemas resolved and whole.

Everything that judges, serves, mutates or reports reads the document through this module. Must
never know what a property of the job is called.
"""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from attrs import frozen

from contract_tests.spec.document import Document, DocumentError, read
from contract_tests.spec.references import flatten, follow
from contract_tests.spec.schema import Rule, Schema, SchemaBuilder, walk
from contract_tests.spec.values import Json, join

if TYPE_CHECKING:
    from collections.abc import Mapping

PATH = Path(__file__).parents[2] / "openapi" / "job.yaml"
SUCCESS = "200"


@frozen
class Response:
    """What the operation answers with one status: its schemas by media type, its headers."""

    status: str
    content: Mapping[str, Schema]
    headers: Mapping[str, Schema]


@frozen(eq=False)
class Contract:
    """The document that this project stands for, read once and resolved.

    Attributes:
        document: Its source.
        flat: Its data with each `allOf` merged.
        path: The operation's path template.
        operation: The operation's object.
        parameter: The name of the path parameter.
        id_schema: The schema of the path parameter.
        responses: What it may answer, by status.
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
    def server(self) -> str:
        """The address of the first server."""
        return str(self.flat["servers"][0]["url"])

    @cached_property
    def variants(self) -> Mapping[str, Schema]:
        """The branches of the success response by name; the whole schema where it has none."""
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
        """The property of the job that repeats the id it was asked for by.

        It is the one that every variant requires, that is read-only, and that has the path
        parameter's format; None where there is no such property, or more than one.
        """
        (parameter,) = (
            item for item in self.operation["parameters"] if item.get("name") == self.parameter
        )
        names = {
            name
            for schema in self.variants.values()
            for name in schema.required
            if schema.properties[name].annotations.get("readOnly")
            and schema.properties[name].assertions.get("format")
            == parameter["schema"].get("format")
        }
        return names.pop() if len(names) == 1 else None

    def path_of(self, value: str) -> str:
        """The operation's path with `value` for its parameter."""
        return self.path.replace("{" + self.parameter + "}", value)

    def line(self, rule: Rule) -> int:
        """The line of the document on which `rule` stands."""
        return self.document.line(rule.location)


def load(path: Path = PATH) -> Contract:
    """Read and resolve the contract at `path`.

    Raises:
        DocumentError: It is not YAML, not OpenAPI 3.1, lacks the operation, refers to nothing or
            in a circle, or holds a `oneOf` whose branches nothing tells apart.
    """
    return resolve(read(path))


def resolve(document: Document) -> Contract:
    """Resolve a document; raises as `load` does."""
    version = document.data.get("openapi")
    if not (isinstance(version, str) and version.startswith("3.1.")):
        seen = "no `openapi`" if version is None else f"`openapi` {version!r}"
        raise DocumentError(f"{document.name}: {seen}; expected an OpenAPI 3.1 document")
    try:
        return _resolve(document)
    except DocumentError as error:
        location, _, rest = str(error).partition(": ")
        where = (
            f"{document.name}:{document.line(location)}" if location[:1] == "/" else document.name
        )
        raise DocumentError(f"{where}: {location}: {rest}") from error


def _resolve(document: Document) -> Contract:
    data = document.data
    for key in ("info", "servers", "paths", "components"):
        if not data.get(key):
            raise DocumentError(f"/{key}: is missing or empty; a contract needs it")
    flat = flatten(data)
    path, operation, parameter = _operation(flat)
    where = join("/paths", path, "get", "responses")
    building = SchemaBuilder(data, flat)
    responses = {}
    for status, reference in operation.get("responses", {}).items():
        response, location = follow(flat, reference, join(where, status))
        responses[status] = Response(
            status,
            {
                media_type: building.schema(
                    content["schema"], join(location, "content", media_type, "schema")
                )
                for media_type, content in response.get("content", {}).items()
            },
            {
                name: building.schema(header["schema"], join(location, "headers", name, "schema"))
                for name, header in response.get("headers", {}).items()
            },
        )
    if not responses.get(SUCCESS, Response(SUCCESS, {}, {})).content:
        raise DocumentError(
            f"{join(where, SUCCESS)}: no content; the contract must say what a job is"
        )
    (job,) = responses[SUCCESS].content.values()
    (id_schema,) = (
        building.schema(item["schema"], "")
        for item in operation["parameters"]
        if item.get("name") == parameter
    )
    return Contract(document, flat, path, operation, parameter, id_schema, responses, job)


def _operation(flat: dict[str, Json]) -> tuple[str, dict[str, Json], str]:
    reads = [(path, item["get"]) for path, item in flat["paths"].items() if "get" in item]
    if len(reads) == 1:
        path, operation = reads[0]
        names = [
            parameter["name"]
            for parameter in operation.get("parameters", ())
            if parameter.get("in") == "path"
        ]
        if len(names) == 1 and "{" + names[0] + "}" in path:
            return path, operation, names[0]
    message = f"/paths: {len(reads)} operations that read something by its id"
    raise DocumentError(f"{message}; expected one `get` with one path parameter")
