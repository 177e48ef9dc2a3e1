"""Read the one operation of a document: its parameters and its responses, references followed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import frozen

from contract_tests.spec.document import DocumentError
from contract_tests.spec.references import follow
from contract_tests.spec.values import Json, join

if TYPE_CHECKING:
    from collections.abc import Mapping

    from contract_tests.spec.builder import SchemaBuilder
    from contract_tests.spec.schema import Schema

SUCCESS = "200"
JSON_MEDIA_TYPE = "application/json"


@frozen
class Header:
    """A header of a response.

    Attributes:
        schema: The schema of its value; None if the document gives it a media type.
        required: Whether each such response must have it.
    """

    schema: Schema | None
    required: bool


@frozen
class Response:
    """A documented response.

    Attributes:
        status: Its key in the document: a status code, a range such as `4XX`, or `default`.
        content: Its JSON schemas by media type; empty if it documents none, so that any body is
            valid.
        headers: Its headers by name.
        media_types: Every media type that it documents, JSON or not.
        description: What the document says about it.
    """

    status: str
    content: Mapping[str, Schema]
    headers: Mapping[str, Header]
    media_types: tuple[str, ...] = ()
    description: str = ""

    @property
    def schema(self) -> Schema | None:
        """The schema of its body, None if it documents none."""
        return next(iter(self.content.values()), None)

    @property
    def required_headers(self) -> tuple[str, ...]:
        """The names of the headers that each such response must have."""
        return tuple(name for name, header in self.headers.items() if header.required)


def is_json(media_type: str) -> bool:
    """Return whether a media type is JSON: `application/json` or one that ends in `+json`."""
    essence = media_type.partition(";")[0].strip().lower()
    return essence == JSON_MEDIA_TYPE or essence.endswith("+json")


@frozen
class Operation:
    """The operation of a document.

    Attributes:
        path: Its path template.
        data: Its object, with all its parameters.
        parameter: The name of its path parameter.
        id_place: Where that parameter is in the document.
        id_schema: The schema of that parameter, not resolved.
    """

    path: str
    data: dict[str, Json]
    parameter: str
    id_place: str
    id_schema: Json


def read_operation(flat: dict[str, Json]) -> Operation:
    """Return the operation of a document.

    The parameters of the path item are the operation's too, and each reference is followed.

    Raises:
        DocumentError: There is not exactly one `get` with exactly one path parameter.
    """
    reads = []
    for path, item in flat["paths"].items():
        item, _ = follow(flat, item, join("/paths", path))  # noqa: PLW2901
        if "get" in item:
            reads.append((path, item))
    if len(reads) != 1:
        message = f"/paths: {len(reads)} operations with the method `get`; expected one `get` "
        raise DocumentError(f"{message}with one path parameter")
    ((path, item),) = reads
    where = join("/paths", path)
    parameters = _parameters(flat, item, where)
    names = [name for place, name in parameters if place == "path" and "{" + name + "}" in path]
    if len(names) != 1 or path.count("{") != 1:
        message = f"{where}: {path.count('{')} parameters in the path, {len(names)} of them"
        raise DocumentError(
            f"{message} documented; expected one `get` with one path parameter, the id"
        )
    for (place, name), (parameter, _) in parameters.items():
        if parameter.get("required") and place != "path":
            message = f"{where}: the {place} parameter {name!r} is required"
            raise DocumentError(f"{message}; expected an operation that needs only the id")
    operation = {**item["get"], "parameters": [parameter for parameter, _ in parameters.values()]}
    parameter, place = parameters["path", names[0]]
    if "schema" not in parameter:
        raise DocumentError(f"{place}: the parameter has no schema; write one for the id")
    return Operation(path, operation, names[0], join(place, "schema"), parameter["schema"])


def _parameters(
    flat: dict[str, Json], item: dict[str, Json], where: str
) -> dict[tuple[str, str], tuple[Json, str]]:
    """Return each parameter by place and name, and where it is; the operation's own win."""
    parameters: dict[tuple[str, str], tuple[Json, str]] = {}
    for place, listed in (
        (join(where, "parameters"), item.get("parameters", ())),
        (join(where, "get", "parameters"), item["get"].get("parameters", ())),
    ):
        for index, node in enumerate(listed):
            parameter, location = follow(flat, node, join(place, index))
            if not {"in", "name"} <= parameter.keys():
                raise DocumentError(f"{location}: is not a parameter; expected `in` and `name`")
            parameters[parameter["in"], parameter["name"]] = parameter, location
    return parameters


def read_responses(
    flat: dict[str, Json], operation: Mapping[str, Json], where: str, builder: SchemaBuilder
) -> dict[str, Response]:
    """Return the responses of the operation at `where` by status, ranges and default last.

    Raises:
        DocumentError: A reference is dangling, or the success has no JSON schema or several.
    """
    responses = {}
    for status, node in operation.get("responses", {}).items():
        if status.startswith("x-"):
            continue
        response, location = follow(flat, node, join(where, status))
        content, headers = {}, {}
        for media_type, media in response.get("content", {}).items():
            if is_json(media_type) and "schema" in media:
                place = join(location, "content", media_type, "schema")
                essence = media_type.partition(";")[0].strip().lower()
                content[essence] = builder.schema(media["schema"], place)
        for name, header_node in response.get("headers", {}).items():
            header, place = follow(flat, header_node, join(location, "headers", name))
            schema = header.get("schema")
            headers[name] = Header(
                None if schema is None else builder.schema(schema, join(place, "schema")),
                bool(header.get("required", False)),
            )
        responses[status.upper() if status != "default" else status] = Response(
            status,
            content,
            headers,
            tuple(
                media_type.partition(";")[0].strip().lower()
                for media_type in response.get("content", {})
            ),
            str(response.get("description", "")),
        )
    _check_success(responses, where)
    return dict(sorted(responses.items(), key=lambda item: (_specificity(item[0]), item[0])))


def _specificity(status: str) -> int:
    return 0 if status.isdigit() else 1 if status != "default" else 2


def _check_success(responses: Mapping[str, Response], where: str) -> None:
    success = responses.get(SUCCESS)
    if success is None:
        raise DocumentError(f"{where}: no {SUCCESS} response; the contract must describe one")
    if not success.content:
        raise DocumentError(
            f"{join(where, SUCCESS)}: no JSON content; describe the body as `application/json` "
            "with a `schema`"
        )
    if len({id(schema) for schema in success.content.values()}) > 1:
        raise DocumentError(
            f"{join(where, SUCCESS, 'content')}: media types with different schemas; keep one"
        )
