"""Cut one operation out of a document: its path, parameters, responses and security."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from contract_tests.spec.document import Document, DocumentError
from contract_tests.spec.naming import RESERVED_PARAMETERS, operation_id
from contract_tests.spec.operation import JSON_MEDIA_TYPE, SUCCESS, is_json
from contract_tests.spec.references import follow
from contract_tests.spec.values import Json, join
from scripts.slice.schemas import Converter

if TYPE_CHECKING:
    Node = dict[str, Json]

_EXAMPLE = "https://api.example.com"
# OpenAPI ignores header parameters with these names; other fields describe them.
_IGNORED_HEADERS = frozenset({"accept", "authorization", "content-type"})
_SUCCESSES = (SUCCESS, "2XX", "2xx", "default")


def slice_operation(document: Document, path: str) -> tuple[Node, list[str]]:
    """Return a contract of `GET path`, and notes on what it leaves out.

    Raises:
        DocumentError: There is no such operation, or it needs more than one id.
    """
    data = document.data
    version = str(data.get("openapi", data.get("swagger", "none")))
    if not re.match(r"3\.[01]\.", version):
        raise DocumentError(
            f"{document.name}: OpenAPI {version}; expected 3.0 or 3.1 (convert 2.0 first)"
        )
    try:
        return _slice(data, path)
    except DocumentError as error:
        raise DocumentError(f"{document.name}: {error}") from error
    except (AttributeError, LookupError, TypeError, ValueError, RecursionError) as error:
        message = f"{document.name}: not a valid OpenAPI document near {path}"
        raise DocumentError(f"{message}: {type(error).__name__} {error}; validate it") from error


def _slice(data: Node, path: str) -> tuple[Node, list[str]]:
    where = join("/paths", path)
    if path not in data.get("paths", {}):
        raise DocumentError(f"{where}: no such path; expected one of `paths`")
    item, _ = follow(data, data["paths"][path], where)
    if "get" not in item:
        raise DocumentError(f"{where}: has no `get`; expected a read operation")
    source = item["get"]
    converter = Converter(data)
    name = operation_id(source, path)
    new_path, parameter = _parameter(data, path, item, converter)
    where = join(where, "get")
    operation: Node = {
        "operationId": re.sub(r"[^A-Za-z0-9_]+", "_", name).strip("_") or "get",
        "summary": str(source.get("summary") or source.get("operationId") or "Read one resource."),
        "description": str(source.get("description") or ""),
        "tags": [_tag(source)],
        "parameters": [parameter],
        "responses": _responses(data, source, where, converter, name),
    }
    operation = {key: value for key, value in operation.items() if value != ""}
    schemes, security = _security(data, source, converter)
    contract: Node = {
        "openapi": "3.1.0",
        "info": {"title": str(data.get("info", {}).get("title") or "API"), "version": "0.1.0"},
        "servers": [{"url": _server(data, item, source, converter)}],
        "security": security,
        "paths": {new_path: {"get": operation}},
        "components": {"securitySchemes": schemes, "schemas": converter.components},
    }
    if not security:
        del contract["security"], contract["components"]["securitySchemes"]
    return contract, list(converter.notes)


def _tag(source: Node) -> str:
    tags = source.get("tags") or ["default"]
    return re.sub(r"[^A-Za-z0-9_ -]+", " ", str(tags[0])).strip() or "default"


def _parameter(data: Node, path: str, item: Node, converter: Converter) -> tuple[str, Node]:
    found: dict[tuple[str, str], Node] = {}
    for listed in (item.get("parameters", ()), item["get"].get("parameters", ())):
        for node in listed:
            parameter, _ = follow(data, node, join("/paths", path, "parameters"))
            found[str(parameter.get("in")), str(parameter.get("name"))] = parameter
    inside = re.findall(r"\{([^{}]*)\}", path)
    if len(inside) != 1:
        raise DocumentError(
            f"{join('/paths', path)}: {len(inside)} parameters in the path; expected one, the id"
        )
    for (place, name), parameter in found.items():
        if place == "path" and name in inside:
            continue
        if place == "header" and name.lower() in _IGNORED_HEADERS:
            continue
        if parameter.get("required") and place != "path":
            raise DocumentError(
                f"{join('/paths', path)}: the {place} parameter {name!r} is required; expected an "
                "operation that needs only the id"
            )
        converter.note(join("/paths", path), f"the {place} parameter {name!r} is not sent")
    (name,) = inside
    source = found.get(("path", name), {})
    place = join("/paths", path, "parameters", name)
    merged = converter.merged(source.get("schema", {"type": "string"}), place)
    schema = converter.plain(merged, place, name)
    if schema.get("type") not in ("string", "integer"):
        converter.note(place, "the id is not text or an integer; any text is valid")
        schema = {"type": "string"}
    new = f"{name}_" if name in RESERVED_PARAMETERS else name
    parameter = {
        "name": new,
        "in": "path",
        "required": True,
        "description": str(source.get("description") or "The id."),
        "schema": {key: value for key, value in schema.items() if key != "description"},
    }
    return path.replace("{" + name + "}", "{" + new + "}"), parameter


def _responses(data: Node, source: Node, where: str, converter: Converter, name: str) -> Node:
    listed = {str(status): node for status, node in source.get("responses", {}).items()}
    success = next((status for status in _SUCCESSES if status in listed), None)
    if success is None:
        raise DocumentError(f"{join(where, 'responses')}: no {SUCCESS} response; expected one")
    made: Node = {}
    for status, node in sorted(listed.items(), key=lambda each: each[0] != success):
        if not re.fullmatch(r"[1-5](?:[0-9][0-9]|XX)|default", status.replace("x", "X")):
            continue
        response, place = follow(data, node, join(where, "responses", status))
        key = SUCCESS if status == success else status.replace("xx", "XX")
        if key != status:
            converter.note(join(where, "responses"), f"{status} is read as {SUCCESS}")
        hint = f"{name} response" if key == SUCCESS else f"{name} {status} response"
        new: Node = {"description": str(response.get("description") or f"Status {status}.")}
        content = response.get("content") or {}
        if (media_type := _json_of(content)) is not None:
            inside = join(place, "content", media_type)
            schema = (content[media_type] or {}).get("schema")
            essence = media_type.partition(";")[0].strip().lower()
            essence = essence if is_json(essence) else JSON_MEDIA_TYPE
            made_schema = converter.schema(schema, join(inside, "schema"), hint)
            if key == SUCCESS:
                made_schema = _without_null(made_schema, converter, inside)
            new["content"] = {essence: {"schema": made_schema}}
            if others := [each for each in content if each != media_type]:
                converter.note(place, f"only {media_type} is checked, not {', '.join(others)}")
        elif key == SUCCESS:
            raise DocumentError(f"{place}: no JSON content; expected `{JSON_MEDIA_TYPE}`")
        if response.get("headers"):
            converter.note(place, "headers are not checked")
        made[key] = new
    return made


def _without_null(schema: Node, converter: Converter, place: str) -> Node:
    """Return the schema of a success without null: the client returns a resource."""
    body = converter.components.get(str(schema.get("$ref")).rpartition("/")[2], schema)
    branches = body.get("oneOf", [])
    others: list[Node] = [branch for branch in branches if branch != {"type": "null"}]
    if len(others) == len(branches):
        return schema
    converter.note(place, "a body of null is documented; it is a violation")
    if len(others) == 1:
        return others[0]
    body["oneOf"] = others
    return schema


def _json_of(content: Node) -> str | None:
    """Return the media type that is or may be JSON, or None."""
    for fits in (is_json, lambda media_type: media_type.startswith("*/*") or "json" in media_type):
        for media_type in content:
            if fits(media_type):
                return str(media_type)
    return None


def _server(data: Node, item: Node, source: Node, converter: Converter) -> str:
    servers = source.get("servers") or item.get("servers") or data.get("servers") or [{"url": ""}]
    url = str(servers[0].get("url", ""))
    for name, variable in (servers[0].get("variables") or {}).items():
        url = url.replace("{" + name + "}", str(variable.get("default", "")))
    url = re.sub(r"\{[^}]*\}", "x", url)
    if urlsplit(url).scheme not in {"http", "https"} or not urlsplit(url).hostname:
        converter.note("/servers", f"no absolute URL; {_EXAMPLE} stands in for the host")
        url = urljoin(_EXAMPLE, url)
    return url.rstrip("/")


def _security(data: Node, source: Node, converter: Converter) -> tuple[Node, list[Node]]:
    """Return the security schemes, and the alternatives that need just one of them.

    Raises:
        DocumentError: A credential is required, and no alternative is supported.
    """
    known = data.get("components", {}).get("securitySchemes", {})
    schemes: Node = {}
    alternatives: list[Node] = []
    wanted = source.get("security", data.get("security")) or []
    for requirement in wanted:
        names = list(requirement)
        if not names:
            alternatives.append({})
            continue
        scheme = follow(data, known.get(names[0], {}), "/security")[0] if len(names) == 1 else {}
        made = _scheme(scheme)
        if made is None:
            shown = " and ".join(names)
            converter.note("/security", f"{shown} is not supported as an alternative; left out")
            continue
        name = re.sub(r"[^A-Za-z0-9._-]", "_", names[0])
        schemes[name] = made
        alternatives.append({name: []})
    if wanted and not alternatives:
        raise DocumentError(
            "/security: no alternative is supported; expected one scheme for each: http basic or "
            "bearer, apiKey, oauth2 or openIdConnect"
        )
    return schemes, alternatives


def _scheme(scheme: Node) -> Node | None:
    described = {"description": str(scheme["description"])} if scheme.get("description") else {}
    match scheme:
        case {"type": "http", "scheme": str(word)} if word.lower() in {"basic", "bearer"}:
            return {"type": "http", "scheme": word.lower(), **described}
        case {"type": "oauth2" | "openIdConnect"}:
            return {"type": "http", "scheme": "bearer", **described}
        case {"type": "apiKey", "in": "header" | "query" | "cookie" as place, "name": str(name)}:
            return {"type": "apiKey", "in": place, "name": name, **described}
    return None
