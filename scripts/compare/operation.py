"""Read one operation of an OpenAPI document, with everything it refers to, for comparison."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from attrs import frozen

from contract_tests.spec.document import Document, DocumentError
from contract_tests.spec.references import follow
from contract_tests.spec.values import Json, at, join, kind_of
from scripts.compare.reader import ShapeReader

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scripts.compare.shapes import Shape

_VERSIONS = re.compile(r"3\.[01]\.[0-9]+")


@frozen(eq=False)
class ParameterShape:
    """A parameter or header: its name, pointer, whether it is required, and its shape."""

    name: str
    place: str
    required: bool
    shape: Shape


@frozen(eq=False)
class ResponseShape:
    """A response: its pointer, its bodies by media type, its headers by lower-case name."""

    place: str
    content: Mapping[str, Shape]
    headers: Mapping[str, ParameterShape]


@frozen(eq=False)
class OperationShape:
    """An operation and the document that contains it.

    Attributes:
        document: The document.
        place: The pointer of the operation.
        path: Its path template.
        parameters: Its parameters; path parameters by position, others by place and name.
        responses: Its responses by status.
        security: The pointer of each alternative, by what it requires.
        servers: The pointer of each server, by its URL; empty if the document names none.
        deprecated: Whether it is marked as deprecated.
    """

    document: Document
    place: str
    path: str
    parameters: Mapping[str, ParameterShape]
    responses: Mapping[str, ResponseShape]
    security: Mapping[str, str]
    servers: Mapping[str, str]
    deprecated: bool

    def line(self, pointer: str) -> int:
        """Return the line of the document on which `pointer` begins."""
        return self.document.line(pointer)


def extract(document: Document, path: str) -> OperationShape:
    """Return the `get` operation of `path`, whatever its path parameters are called.

    Raises:
        DocumentError: The document is not OpenAPI 3.0 or 3.1, lacks the operation, or is invalid
            where the operation uses it.
    """
    version = document.data.get("openapi")
    if not (isinstance(version, str) and _VERSIONS.fullmatch(version)):
        key = next((key for key in ("openapi", "swagger") if key in document.data), None)
        what = f"`{key}` {document.data[key]!r:.40}" if key else "missing `openapi`"
        raise DocumentError(f"{document.name}: {what}; expected an OpenAPI 3.0 or 3.1 document")
    try:
        return _Extraction(document).operation(path)
    except DocumentError as error:
        location, colon, rest = str(error).partition(": ")
        if not (colon and location.startswith("/")):
            raise DocumentError(f"{document.name}: {error}") from error
        line = document.line(location)
        raise DocumentError(f"{document.name}:{line}: {location}: {rest}") from error


class _Extraction:
    def __init__(self, document: Document) -> None:
        self.document = document
        self.data = document.data
        self.reader = ShapeReader(document.data)

    def operation(self, path: str) -> OperationShape:
        paths = self._object(self.data.get("paths", {}), "/paths")
        same = [name for name in paths if _positions(name) == _positions(path)]
        for name in sorted(same, key=lambda name: name != path):
            place = join("/paths", name)
            item, place = self._followed(paths[name], place)
            if "get" in item:
                return self._operation(name, item, place)
        shape = _positions(path)
        moved = [
            name
            for name in paths
            if f"/{_positions(name).strip('/')}".endswith(shape) and name not in same
        ]
        hint = (
            f"; is it {moved[0]} now?"
            if moved
            else "; was it deleted, or is this another document?"
        )
        raise DocumentError(f"/paths: no `get` of {path}{hint}")

    def _operation(self, path: str, item: dict[str, Json], place: str) -> OperationShape:
        operation, here = self._followed(item["get"], join(place, "get"))
        parameters: dict[str, ParameterShape] = {}
        for owner, where in ((item, place), (operation, here)):
            for index, node in enumerate(self._list(owner, "parameters", where)):
                part, kind = self._parameter(node, join(where, "parameters", index))
                position = _positions(path, part.name) if kind == "path" else part.name
                parameters[f"{kind}/{position}"] = part
        responses = self._object(operation.get("responses", {}), join(here, "responses"))
        return OperationShape(
            document=self.document,
            place=here,
            path=path,
            parameters=parameters,
            responses={
                status.upper() if status != "default" else status: self._response(
                    node, join(here, "responses", status)
                )
                for status, node in responses.items()
                if not status.startswith("x-")
            },
            security=self._security(operation, here),
            servers=self._servers((operation, here), (item, place), (self.data, "")),
            deprecated=operation.get("deprecated") is True,
        )

    def _parameter(self, node: Json, place: str) -> tuple[ParameterShape, str]:
        parameter, place = self._followed(node, place)
        name, kind = str(parameter.get("name")), str(parameter.get("in"))
        return self._part(name, parameter, place), kind

    def _part(self, name: str, node: dict[str, Json], place: str) -> ParameterShape:
        schema, where = node.get("schema", {}), join(place, "schema")
        for media_type, content in self._object(node.get("content", {}), place).items():
            where = join(place, "content", media_type, "schema")
            schema = self._object(content, place).get("schema", {})
        required = node.get("required") is True or node.get("in") == "path"
        return ParameterShape(name, place, required, self.reader.shape(schema, where))

    def _response(self, node: Json, place: str) -> ResponseShape:
        response, place = self._followed(node, place)
        content = self._object(response.get("content", {}), join(place, "content"))
        headers = self._object(response.get("headers", {}), join(place, "headers"))
        return ResponseShape(
            place=place,
            content={
                media_type.partition(";")[0].strip().lower(): self.reader.shape(
                    self._object(body, place).get("schema", {}),
                    join(place, "content", media_type, "schema"),
                )
                for media_type, body in content.items()
            },
            headers={
                name.lower(): self._part(
                    name, *self._followed(header, join(place, "headers", name))
                )
                for name, header in headers.items()
            },
        )

    def _security(self, operation: dict[str, Json], here: str) -> dict[str, str]:
        owner, where = (operation, here) if "security" in operation else (self.data, "")
        schemes = self._object(self.data.get("components", {}), "/components").get(
            "securitySchemes", {}
        )
        alternatives = {}
        for index, alternative in enumerate(self._list(owner, "security", where)):
            place = join(where, "security", index)
            needed = []
            for name in self._object(alternative, place):
                if name not in self._object(schemes, "/components/securitySchemes"):
                    raise DocumentError(f"{place}: the scheme {name!r:.60} is not defined")
                needed.append(
                    self._scheme(schemes[name], join("/components/securitySchemes", name))
                )
            alternatives[" and ".join(sorted(needed)) or "nothing"] = place
        return alternatives

    def _servers(self, *owners: tuple[dict[str, Json], str]) -> dict[str, str]:
        """Return the servers of the innermost owner that has any."""
        owner, where = next((each for each in owners if each[0].get("servers")), owners[-1])
        places = (
            join(where, "servers", i) for i in range(len(self._list(owner, "servers", where)))
        )
        return {
            str(self._object(at(self.data, place), place).get("url")).rstrip("/"): place
            for place in places
        }

    def _scheme(self, node: Json, place: str) -> str:
        scheme, _ = self._followed(node, place)
        facts = (scheme.get(key) for key in ("type", "scheme", "in", "name"))
        return " ".join(str(fact) for fact in facts if fact is not None)

    def _followed(self, node: Json, place: str) -> tuple[dict[str, Json], str]:
        node, place = follow(self.data, node, place)
        return self._object(node, place), place

    def _object(self, node: Json, place: str) -> dict[str, Json]:
        if not isinstance(node, dict):
            raise DocumentError(f"{place}: expected an object, got {kind_of(node)}")
        return node

    def _list(self, owner: dict[str, Json], key: str, place: str) -> list[Json]:
        listed = owner.get(key, [])
        if not isinstance(listed, list):
            raise DocumentError(f"{join(place, key)}: expected a list, got {kind_of(listed)}")
        return listed


def _positions(path: str, name: str | None = None) -> str:
    """Return `path` without the names of its parameters; with `name`, the position of that one."""
    names = re.findall(r"\{([^{}]*)\}", path)
    if name is not None:
        return str(names.index(name)) if name in names else name
    return re.sub(r"\{[^{}]*\}", "{}", path)
