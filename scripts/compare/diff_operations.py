"""Compare two operations: their bodies, parameters, responses and security. No I/O.

Locations outside the body of the success response start at the operation and have no leading `/`:
`responses/429/headers/Retry-After`, `parameters/path/0`, `security`, `servers`. A path parameter is
named by its position, because documents may use different names.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from contract_tests.spec.contract import SUCCESS
from contract_tests.spec.values import Json, join
from scripts.compare.diff import Context, SchemaDiff, diff_shapes, outline

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from scripts.compare.operation import OperationShape, ParameterShape, ResponseShape
    from scripts.compare.shapes import Shape


def diff_operations(ours: OperationShape, theirs: OperationShape) -> Iterator[SchemaDiff]:
    """Yield every difference between two operations, in the contract's order."""
    for key in dict.fromkeys((*ours.parameters, *theirs.parameters)):
        pair = ours.parameters.get(key), theirs.parameters.get(key)
        context = Context(f"parameters/{key}", sent=True)
        yield from _parameters("parameter", pair, (ours.place, theirs.place), context)
    for status in dict.fromkeys((*ours.responses, *theirs.responses)):
        responses = ours.responses.get(status), theirs.responses.get(status)
        context = Context(join("responses", status))
        places = tuple(join(each.place, "responses", status) for each in (ours, theirs))
        yield from _responses(status, responses, (places[0], places[1]), context)
    yield from _requests("security", "security", (ours, theirs), (ours.security, theirs.security))
    if ours.servers and theirs.servers:
        yield from _requests("server", "servers", (ours, theirs), (ours.servers, theirs.servers))
    marks = ours.deprecated or None, theirs.deprecated or None
    yield from _presence("deprecation", marks, (ours.place, theirs.place), Context("deprecated"))


def _requests(
    what: str,
    location: str,
    pair: tuple[OperationShape, OperationShape],
    known: tuple[Mapping[str, str], Mapping[str, str]],
) -> Iterator[SchemaDiff]:
    """Compare what a request may use; `known` has the place of each alternative."""
    for name in dict.fromkeys((*known[0], *known[1])):
        one, other = (name if name in each else None for each in known)
        places = known[0].get(name, pair[0].place), known[1].get(name, pair[1].place)
        yield from _presence(what, (one, other), places, Context(location, sent=True))


def _presence(
    what: str, sides: tuple[Json, Json], places: tuple[str, str], context: Context
) -> Iterator[SchemaDiff]:
    """Report `what` as added or removed if only one side has it; None means missing."""
    if (sides[0] is None) != (sides[1] is None):
        change = f"{what} added" if sides[0] is None else f"{what} removed"
        yield SchemaDiff(context.location, change, *sides, *places, context)


def _parameters(
    what: str,
    pair: tuple[ParameterShape | None, ParameterShape | None],
    places: tuple[str, str],
    context: Context,
) -> Iterator[SchemaDiff]:
    ours, theirs = pair
    if ours is None or theirs is None:
        one, other = (
            {**outline(each.shape, required=each.required), "name": each.name} if each else None
            for each in pair
        )
        where = ours.place if ours else places[0], theirs.place if theirs else places[1]
        yield from _presence(what, (one, other), where, context)
        return
    where = ours.place, theirs.place
    if ours.name.lower() != theirs.name.lower():
        change = f"{what} renamed"
        yield SchemaDiff(context.location, change, ours.name, theirs.name, *where, context)
    if ours.required != theirs.required:
        change = "made required" if theirs.required else "no longer required"
        if what == "header":
            change = f"header {change}"
        sides = ours.required, theirs.required
        yield SchemaDiff(context.location, change, *sides, *where, context)
    yield from diff_shapes(ours.shape, theirs.shape, context)


def _responses(
    status: str,
    pair: tuple[ResponseShape | None, ResponseShape | None],
    places: tuple[str, str],
    context: Context,
) -> Iterator[SchemaDiff]:
    ours, theirs = pair
    if ours is None or theirs is None:
        sides = status if ours else None, status if theirs else None
        where = ours.place if ours else places[0], theirs.place if theirs else places[1]
        yield from _presence("response", sides, where, context)
        return
    yield from _bodies(status, (ours.content, theirs.content), (ours.place, theirs.place), context)
    for key in dict.fromkeys((*ours.headers, *theirs.headers)):
        headers = ours.headers.get(key), theirs.headers.get(key)
        name = next(header.name for header in headers if header)
        location = join(context.location, "headers", name)
        yield from _parameters("header", headers, (ours.place, theirs.place), Context(location))


def _bodies(
    status: str,
    pair: tuple[Mapping[str, Shape], Mapping[str, Shape]],
    places: tuple[str, str],
    context: Context,
) -> Iterator[SchemaDiff]:
    ours, theirs = pair
    where = join(places[0], "content"), join(places[1], "content")
    for media_type in dict.fromkeys((*ours, *theirs)):
        if media_type in ours and media_type in theirs:
            first = status == SUCCESS and media_type == next(iter(ours))
            location = "" if first else join(context.location, "body")
            yield from diff_shapes(ours[media_type], theirs[media_type], Context(location))
        else:
            one, other = (media_type if media_type in side else None for side in pair)
            yield from _presence("response body", (one, other), where, context)
