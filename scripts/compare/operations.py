"""What two operations say differently, in their bodies and outside of them. Pure: no I/O.

What lies outside the body of the success response is named from the operation on, without a
leading `/`: `responses/429/headers/Retry-After`, `parameters/path/0`, `security`. A parameter of
the path is named by its position, as its name is the document's own affair.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from contract_tests.spec.contract import SUCCESS
from contract_tests.spec.values import Json, join
from scripts.compare.differences import Difference, Here, between, outline

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from scripts.compare.operation import Answer, Operation, Part
    from scripts.compare.shapes import Shape


def between_operations(ours: Operation, theirs: Operation) -> Iterator[Difference]:
    """Every difference between two operations, the contract's order first."""
    for key in dict.fromkeys((*ours.parameters, *theirs.parameters)):
        pair = ours.parameters.get(key), theirs.parameters.get(key)
        here = Here(f"parameters/{key}", sent=True)
        yield from _parts("parameter", pair, (ours.place, theirs.place), here)
    for status in dict.fromkeys((*ours.responses, *theirs.responses)):
        answers = ours.responses.get(status), theirs.responses.get(status)
        here = Here(join("responses", status))
        places = tuple(join(each.place, "responses", status) for each in (ours, theirs))
        yield from _answers(status, answers, (places[0], places[1]), here)
    here = Here("security", sent=True)
    for asked in dict.fromkeys((*ours.security, *theirs.security)):
        places = ours.security.get(asked, ours.place), theirs.security.get(asked, theirs.place)
        yield from _presence(
            "security",
            (
                asked if asked in ours.security else None,
                asked if asked in theirs.security else None,
            ),
            (places[0], places[1]),
            here,
        )


def _presence(
    what: str, sides: tuple[Json, Json], places: tuple[str, str], here: Here
) -> Iterator[Difference]:
    """`what` added or removed, where just one side has it; None is a side that has not."""
    if (sides[0] is None) != (sides[1] is None):
        change = f"{what} added" if sides[0] is None else f"{what} removed"
        yield Difference(here.location, change, *sides, *places, here)


def _parts(
    what: str, pair: tuple[Part | None, Part | None], places: tuple[str, str], here: Here
) -> Iterator[Difference]:
    ours, theirs = pair
    if ours is None or theirs is None:
        one, other = (
            {**outline(part.shape, required=part.required), "name": part.name} if part else None
            for part in pair
        )
        where = ours.place if ours else places[0], theirs.place if theirs else places[1]
        yield from _presence(what, (one, other), where, here)
        return
    where = ours.place, theirs.place
    if ours.name.lower() != theirs.name.lower():
        change = f"{what} renamed"
        yield Difference(here.location, change, ours.name, theirs.name, *where, here)
    if ours.required != theirs.required:
        change = "made required" if theirs.required else "no longer required"
        if what == "header":
            change = f"header {change}"
        sides = ours.required, theirs.required
        yield Difference(here.location, change, *sides, *where, here)
    yield from between(ours.shape, theirs.shape, here)


def _answers(
    status: str, pair: tuple[Answer | None, Answer | None], places: tuple[str, str], here: Here
) -> Iterator[Difference]:
    ours, theirs = pair
    if ours is None or theirs is None:
        sides = status if ours else None, status if theirs else None
        where = ours.place if ours else places[0], theirs.place if theirs else places[1]
        yield from _presence("response", sides, where, here)
        return
    yield from _bodies(status, (ours.content, theirs.content), (ours.place, theirs.place), here)
    for key in dict.fromkeys((*ours.headers, *theirs.headers)):
        headers = ours.headers.get(key), theirs.headers.get(key)
        name = next(header.name for header in headers if header)
        location = join(here.location, "headers", name)
        yield from _parts("header", headers, (ours.place, theirs.place), Here(location))


def _bodies(
    status: str,
    pair: tuple[Mapping[str, Shape], Mapping[str, Shape]],
    places: tuple[str, str],
    here: Here,
) -> Iterator[Difference]:
    ours, theirs = pair
    where = join(places[0], "content"), join(places[1], "content")
    for media_type in dict.fromkeys((*ours, *theirs)):
        if media_type in ours and media_type in theirs:
            first = status == SUCCESS and media_type == next(iter(ours))
            location = "" if first else join(here.location, "body")
            yield from between(ours[media_type], theirs[media_type], Here(location))
        else:
            one, other = (media_type if media_type in side else None for side in pair)
            yield from _presence("response body", (one, other), where, here)
