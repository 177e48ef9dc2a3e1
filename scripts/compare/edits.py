"""Divergences made into actions on the contract, in the contract's own style.

Overlay 1.0 can neither remove a scalar nor one text of a list: what holds it is removed and put
back without it. Must never know what a property of the job is called.
"""

from __future__ import annotations

import copy
import json
import re
from typing import TYPE_CHECKING

from attrs import evolve

from contract_tests.spec.values import Json, at, join, split
from scripts.compare.drafting import (
    Drafting,
    NotProposableError,
    checked_keyword,
    checked_name,
    checked_value,
    not_nulled,
    nulled,
)
from scripts.compare.overlay import Action, apply

if TYPE_CHECKING:
    from contract_tests.spec.document import Document
    from scripts.compare.differences import Difference
    from scripts.compare.divergences import Divergence
    from scripts.compare.shapes import Shape

_COMPONENTS = "/components/schemas"
_KEYWORD_CHANGES = ("bound", "format", "default", "read-only mark")


class Edits:
    """Actions gathered, and the contract's data as they leave it."""

    def __init__(self, data: dict[str, Json], operation: str) -> None:
        self.data = copy.deepcopy(data)
        self.operation = operation
        self.actions: list[Action] = []
        self.drafting = Drafting(self.data.get("components", {}).get("schemas", {}))
        self.reason = ""
        self.done: set[str] = set()

    def document(self, original: Document) -> Document:
        """The document that `original` is once the actions are applied."""
        return evolve(original, data=self.data)

    def saved(self) -> tuple[Json, list[Action]]:
        """What `restore` goes back to."""
        return copy.deepcopy(self.data), list(self.actions)

    def restore(self, saved: tuple[Json, list[Action]]) -> None:
        """Forget the actions that came after."""
        self.data, self.actions = saved

    def take_in(self, divergence: Divergence, reason: str) -> None:
        """Add the actions that make the contract say what the other side says.

        Raises:
            NotProposableError: A person must decide; nothing is added.
        """
        before = self.saved()
        self.reason = reason
        self.drafting.components.clear()
        self.done.clear()
        try:
            if divergence.change == "property added":
                self._add_property(divergence)
            else:
                for difference in divergence.differences:
                    self._take_in(difference)
        except (NotProposableError, LookupError, TypeError) as error:
            self.restore(before)
            if isinstance(error, NotProposableError):
                raise
            raise NotProposableError("the contract says it in a way of its own") from error

    def _take_in(self, difference: Difference) -> None:
        ways = {
            "made required": self._require,
            "no longer required": self._unrequire,
            "property removed": self._remove_property,
            "property renamed": self._rename,
            "made nullable": self._nullable,
            "no longer nullable": self._nullable,
            "enum member added": self._add_member,
            "enum member removed": self._remove_member,
            "type changed": self._redraft,
            "enum added": self._redraft,
            "enum removed": self._redraft,
            "response added": self._add_response,
            "response removed": self._remove_place,
            "header removed": self._remove_place,
        }
        if difference.change in ways:
            ways[difference.change](difference)
        elif difference.change.startswith(_KEYWORD_CHANGES):
            self._keyword(difference)
        else:
            raise NotProposableError("it needs a person's judgement")

    def _add_property(self, divergence: Divergence) -> None:
        """In the schema that all the objects lacking it share, else in each of them."""
        holders = [each.shapes[0].places for each in divergence.differences if each.shapes]
        shared = [place for place in holders[0] if all(place in places for places in holders)]
        first = divergence.differences[0]
        assert first.shapes is not None
        assert first.name is not None
        name = checked_name(first.name)
        schema = self._drafted(first.shapes[1].properties[name], name)
        for holder in shared[:1] or dict.fromkeys(places[0] for places in holders):
            place = self._own_part(holder)
            self._act(place, update={"properties": {name: schema}})
            if name in first.shapes[1].required:
                self._list(place, name)

    def _own_part(self, place: str) -> str:
        """The part of an `allOf` at `place` that is written out there; else `place`."""
        parts = at(self.data, place).get("allOf", ())
        if parts and "$ref" not in parts[-1]:
            return join(place, "allOf", len(parts) - 1)
        return place

    def _require(self, difference: Difference) -> None:
        self._list(self._holder(difference), difference.name)

    def _list(self, place: str, name: Json) -> None:
        schema = at(self.data, place)
        if "required" not in schema:
            self._act(place, update={"required": [name]})
        elif name not in schema["required"]:
            self._act(join(place, "required"), update=name)

    def _unrequire(self, difference: Difference) -> None:
        assert difference.shapes is not None
        fact = f"required/{difference.name}"
        where = difference.shapes[0].where.get(fact)
        if where is None:
            return
        place = where.rpartition("/")[0]
        rest = [name for name in at(self.data, place) if name != difference.name]
        if len(rest) < len(at(self.data, place)):
            self._replace(place, rest)

    def _rename(self, difference: Difference) -> None:
        assert difference.shapes is not None
        new = checked_name(difference.theirs)
        place = difference.at_ours
        if place.rpartition("/")[2] not in at(self.data, place.rpartition("/")[0]):
            return
        schema = at(self.data, place)
        holder = self._holder(difference)
        required = difference.name in difference.shapes[0].required
        self._unrequire(difference)
        self._remove(place)
        self._act(holder, update={"properties": {new: schema}})
        if required:
            self._list(holder, new)

    def _holder(self, difference: Difference) -> str:
        """The schema in which the property stands."""
        assert difference.shapes is not None
        where = difference.shapes[0].where[f"properties/{difference.name}"]
        return where.rpartition("/")[0].rpartition("/")[0]

    def _nullable(self, difference: Difference) -> None:
        place = self._site(difference)
        if not self._first_time(place):
            return
        schema = at(self.data, place)
        new = nulled(schema) if difference.theirs else not_nulled(schema)
        if new.keys() == schema.keys() and isinstance(schema.get("type"), str):
            self._act(place, update={"type": new["type"]})
        else:
            self._replace(place, new)

    def _redraft(self, difference: Difference) -> None:
        assert difference.shapes is not None
        place = self._site(difference)
        if not self._first_time(place):
            return
        kept = {key: value for key, value in at(self.data, place).items() if key == "description"}
        hint = [each for each in split(difference.location) if each != "*"][-1]
        schema = self._drafted(difference.shapes[1], hint)
        self._replace(place, {**kept, **schema} if "$ref" not in schema else schema)

    def _drafted(self, shape: Shape, name: str) -> dict[str, Json]:
        schema = self.drafting.schema(shape, name)
        for title, component in self.drafting.components.items():
            self._act(_COMPONENTS, update={title: component})
        return schema

    def _add_member(self, difference: Difference) -> None:
        members = at(self.data, difference.at_ours)
        if not isinstance(members, list):
            raise NotProposableError("its value is a `const`, which tells variants apart")
        if difference.theirs not in members:
            self._act(difference.at_ours, update=checked_value(difference.theirs))

    def _remove_member(self, difference: Difference) -> None:
        members = at(self.data, difference.at_ours)
        self._replace(difference.at_ours, [each for each in members if each != difference.ours])

    def _keyword(self, difference: Difference) -> None:
        place, _, keyword = difference.at_ours.rpartition("/")
        if difference.change.endswith("removed"):
            schema = at(self.data, place)
            if keyword in schema:
                rest = {key: value for key, value in schema.items() if key != keyword}
                self._replace(place, rest)
            return
        said = difference.theirs
        value = said[keyword] if difference.change.startswith("bound") else said
        self._act(place, update={keyword: checked_keyword(keyword, value)})

    def _add_response(self, difference: Difference) -> None:
        status = str(difference.theirs)
        if not re.fullmatch(r"[1-5](?:[0-9][0-9]|XX)|default", status):
            raise NotProposableError("no status")
        response = {"description": f"Answered with status {status}."}
        self._act(join(self.operation, "responses"), update={status: response})

    def _remove_place(self, difference: Difference) -> None:
        self._remove(difference.at_ours)

    def _remove_property(self, difference: Difference) -> None:
        self._unrequire(difference)
        self._remove(difference.at_ours)

    def _site(self, difference: Difference) -> str:
        """Where the shape is used, which is where a `$ref` to it stands."""
        if difference.here.site is not None:
            return difference.here.site[0]
        assert difference.shapes is not None
        return difference.shapes[0].place

    def _first_time(self, place: str) -> bool:
        """Whether this change has not been made at `place`, which several locations may share."""
        if place in self.done:
            return False
        self.done.add(place)
        return True

    def _replace(self, place: str, value: Json) -> None:
        parent, _, key = place.rpartition("/")
        if at(self.data, place) == value:
            return
        if isinstance(at(self.data, parent), list):
            raise NotProposableError("it stands in a list of schemas")
        self._remove(place)
        if value or not isinstance(value, list):
            self._act(parent, update={split(f"/{key}")[0]: value})

    def _remove(self, place: str) -> None:
        try:
            at(self.data, place)
        except LookupError:
            return  # an earlier action has done it, for a place that this one shares
        self._act(place, remove=True)

    def _act(self, place: str, *, update: Json = None, remove: bool = False) -> None:
        action = Action(target_of(self.data, place), self.reason, copy.deepcopy(update), remove)
        if action not in self.actions:
            apply(self.data, [action])
            self.actions.append(action)


def target_of(data: Json, pointer: str) -> str:
    """The JSONPath that selects just what `pointer` means in `data`, names quoted if need be."""
    path = "$"
    for token in split(pointer):
        if isinstance(data, list):
            path += f"[{token}]"
            data = data[int(token)]
            continue
        if re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", token):
            path += f".{token}"
        else:
            quoted = json.dumps(token)[1:-1].replace('\\"', '"').replace("'", "\\'")
            path += f"['{quoted}']"
        data = data[token]
    return path
