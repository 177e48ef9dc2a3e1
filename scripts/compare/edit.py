"""Edit the contract's data so that it agrees with another document, in the contract's style."""

from __future__ import annotations

import copy
import re
from typing import TYPE_CHECKING

from attrs import evolve

from contract_tests.spec.values import Json, at, join, split
from scripts.compare.draft import (
    MAX_MEMBERS,
    ManualChangeError,
    SchemaDrafter,
    checked_keyword,
    checked_name,
    checked_value,
    fit_examples,
    reason_to_decide,
    with_null,
    without_null,
)
from scripts.compare.overlay import predecessor
from scripts.compare.undo import UndoableEdits

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from contract_tests.spec.document import Document
    from scripts.compare.diff import SchemaDiff
    from scripts.compare.divergences import Divergence
    from scripts.compare.operation import OperationShape

_COMPONENTS = "/components/schemas"
_KEYWORD_CHANGES = ("bound", "format", "default", "read-only mark")
_MEMBER_CHANGES = ("enum member added", "enum member removed")


class ContractEditor(UndoableEdits):
    """The contract's data while divergences are applied to it."""

    def __init__(self, ours: OperationShape, theirs: OperationShape) -> None:
        super().__init__(copy.deepcopy(ours.document.data))
        self._operation = ours.place
        self._theirs = theirs.document.data
        self._sites: set[str] = set()
        self._drafter = SchemaDrafter(self.data.get("components", {}).get("schemas", {}))

    def document(self, original: Document) -> Document:
        """Return `original` with the edited data."""
        return evolve(original, data=self.data)

    def apply_divergence(self, divergence: Divergence, reason: str) -> None:
        """Edit the contract so that it agrees with the other side.

        Raises:
            ManualChangeError: A person must decide; nothing is edited.
        """
        self._begin(reason)
        self._drafter.components.clear()
        self._sites.clear()
        try:
            if divergence.change == "property added":
                self._add_property(divergence.diffs)
            elif divergence.change in _MEMBER_CHANGES:
                self._change_members(divergence.diffs)
            else:
                for diff in divergence.diffs:
                    self._apply_diff(diff)
        except (ManualChangeError, LookupError, TypeError) as error:
            self.undo()
            if isinstance(error, ManualChangeError):
                raise
            raise ManualChangeError("the contract describes it in a different way") from error

    def _apply_diff(self, diff: SchemaDiff) -> None:
        methods: dict[str, Callable[[SchemaDiff], None]] = {
            "made required": self._require,
            "no longer required": self._unrequire,
            "property removed": self._remove_property,
            "property renamed": self._rename,
            "made nullable": self._nullable,
            "no longer nullable": self._nullable,
            "type changed": self._redraft,
            "enum added": self._redraft,
            "enum removed": self._redraft,
            "response added": self._add_response,
            "response removed": self._remove,
            "header removed": self._remove,
        }
        if diff.change in methods:
            methods[diff.change](diff)
        elif diff.change.startswith(_KEYWORD_CHANGES):
            self._keyword(diff)
        else:
            raise ManualChangeError(reason_to_decide(diff.change))

    def _add_property(self, diffs: Sequence[SchemaDiff]) -> None:
        """Add it to the schema that all objects without it share, or else to each of them."""
        holders = [each.shapes[0].places for each in diffs if each.shapes]
        shared = [place for place in holders[0] if all(place in places for places in holders)]
        shapes, name = diffs[0].shapes, checked_name(diffs[0].name or "")
        assert shapes is not None
        theirs = shapes[1]
        schema = self._drafter.property(theirs.properties[name], name)
        for places in [shared] if shared else holders:
            place = self._holder_of_new(places)
            holder = at(self.data, place)
            if "properties" not in holder:
                self._set(place, "properties", {})
            where = theirs.where.get(f"properties/{name}")
            neighbors = list(at(self._theirs, where.rpartition("/")[0])) if where else []
            self._add(join(place, "properties"), name, copy.deepcopy(schema), neighbors)
            if name in theirs.required:
                self._require_at(place, name)
        self._add_components(shared[0] if shared else holders[0][0])

    def _holder_of_new(self, places: Sequence[str]) -> str:
        """Return the outermost schema, or the part of its `allOf` that has the properties."""
        parts = [place for place in places if place.startswith(f"{places[0]}/")]
        for place in (places[0], *parts):
            if "properties" in at(self.data, place):
                return place
        return places[0]

    def _require(self, diff: SchemaDiff) -> None:
        assert diff.shapes is not None
        assert diff.name is not None
        where = diff.shapes[0].where.get(f"properties/{diff.name}")
        if where is None or diff.name not in diff.shapes[1].properties:
            raise ManualChangeError("`required` names something that is not a property")
        self._require_at(where.rpartition("/")[0].rpartition("/")[0], diff.name)

    def _require_at(self, place: str, name: str) -> None:
        schema = at(self.data, place)
        required = list(schema.get("required", ()))
        if name in required:
            return
        order = list(schema.get("properties", ()))
        before = order[: order.index(name)] if name in order else order
        index = max((i + 1 for i, each in enumerate(required) if each in before), default=0)
        required.insert(index if any(each in order for each in required) else len(required), name)
        self._set(place, "required", required, before="properties")

    def _unrequire(self, diff: SchemaDiff) -> None:
        assert diff.shapes is not None
        for place in diff.shapes[0].places:
            schema = at(self.data, place)
            if diff.name not in schema.get("required", ()):
                continue
            rest = [name for name in schema["required"] if name != diff.name]
            if rest:
                self._set(place, "required", rest)
            else:
                self._delete(join(place, "required"))

    def _rename(self, diff: SchemaDiff) -> None:
        assert diff.shapes is not None
        new = checked_name(diff.theirs)
        properties = diff.at_ours.rpartition("/")[0]
        holder = at(self.data, properties)
        if diff.name not in holder:
            return
        renamed = {new if key == diff.name else key: value for key, value in holder.items()}
        target = self._edit(properties)
        target.clear()
        target.update(renamed)
        for place in diff.shapes[0].places:
            required = at(self.data, place).get("required", ())
            if diff.name in required:
                names = [new if each == diff.name else each for each in required]
                self._set(place, "required", names)

    def _remove_property(self, diff: SchemaDiff) -> None:
        self._unrequire(diff)
        self._remove(diff)

    def _nullable(self, diff: SchemaDiff) -> None:
        place = self._site(diff)
        if self._is_first(place):
            schema = at(self.data, place)
            self._replace(place, with_null(schema) if diff.theirs else without_null(schema))
            self._drop_unfit_examples(place)

    def _redraft(self, diff: SchemaDiff) -> None:
        assert diff.shapes is not None
        place = self._site(diff)
        if not self._is_first(place):
            return
        name = [each for each in split(diff.location) if each != "*"][-1]
        schema = self._drafter.property(diff.shapes[1], name)
        if "description" in schema:
            schema["description"] = at(self.data, place).get("description", "")
        self._replace(place, schema)
        self._add_components(place)

    def _change_members(self, diffs: Sequence[SchemaDiff]) -> None:
        for diff in diffs:
            place, _, keyword = diff.at_ours.rpartition("/")
            members = at(self.data, diff.at_ours)
            if not isinstance(members, list):
                raise ManualChangeError("its value is a `const`, which distinguishes the variants")
            if diff.change == "enum member removed":
                rest = [each for each in members if each != diff.ours]
                self._set(place, keyword, rest)
                self._drop_unfit_examples(place)
            elif diff.theirs not in members:
                if len(members) >= MAX_MEMBERS:
                    raise ManualChangeError(f"an enum with over {MAX_MEMBERS} members")
                new = [*members, checked_value(diff.theirs)]
                self._set(place, keyword, self._ordered(new, diff.at_theirs))

    def _ordered(self, members: list[Json], at_theirs: str) -> list[Json]:
        """Move the last member after its nearest predecessor in the other document."""
        *known, new = members
        try:
            previous = predecessor(new, at(self._theirs, at_theirs), known)
        except (LookupError, TypeError):
            return members
        index = len(known) if previous is None else known.index(previous) + 1
        return [*known[:index], new, *known[index:]]

    def _keyword(self, diff: SchemaDiff) -> None:
        place, _, keyword = diff.at_ours.rpartition("/")
        if diff.change.endswith("removed"):
            if keyword in at(self.data, place):
                self._delete(diff.at_ours)
            return
        value = diff.theirs[keyword] if diff.change.startswith("bound") else diff.theirs
        self._set(place, keyword, checked_keyword(keyword, value))
        self._drop_unfit_examples(place)

    def _drop_unfit_examples(self, place: str) -> None:
        examples = at(self.data, place).get("examples", [])
        rest = fit_examples(self.data, place)
        if examples and not rest:
            self._delete(join(place, "examples"))
        elif rest != examples:
            self._set(place, "examples", rest)

    def _add_response(self, diff: SchemaDiff) -> None:
        status = str(diff.theirs)
        if not re.fullmatch(r"[1-5](?:[0-9][0-9]|XX)|default", status):
            raise ManualChangeError("not a status code")
        self._set(join(self._operation, "responses"), status, {"description": ""})

    def _remove(self, diff: SchemaDiff) -> None:
        try:
            at(self.data, diff.at_ours)
        except LookupError:
            return  # removed for another location that shares the schema
        self._delete(diff.at_ours)

    def _site(self, diff: SchemaDiff) -> str:
        """Return where the shape is used, which is where a `$ref` to it is."""
        if diff.context.site is not None:
            return diff.context.site[0]
        assert diff.shapes is not None
        return diff.shapes[0].place

    def _is_first(self, place: str) -> bool:
        """Whether the divergence was not applied at `place` for another location."""
        if place in self._sites:
            return False
        self._sites.add(place)
        return True

    def _add_components(self, user: str) -> None:
        """Add the drafted components after the one that uses them."""
        previous = next(iter(split(user)[2:3]), None)
        for title, component in self._drafter.components.items():
            self._add(_COMPONENTS, title, component, [previous, title])
            previous = title
        self._drafter.components.clear()
