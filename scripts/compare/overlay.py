"""OpenAPI Overlay 1.0 documents: read, written, and applied to a document's values.

An action's target is a JSONPath (RFC 9535) that selects objects or arrays. An update merges into
an object or appends to an array; what is there already is not added again, so that applying an
overlay twice is applying it once. Must never know what a document is about.
"""

from __future__ import annotations

import copy
import io
import re
from typing import TYPE_CHECKING, Any

import jsonpath
from attrs import frozen
from jsonpath.exceptions import JSONPathError
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.scalarstring import DoubleQuotedScalarString

from contract_tests.spec.document import DocumentError, read
from contract_tests.spec.values import Json, kind_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

VERSION = "1.0.0"
MAX_ACTIONS = 1_000
MAX_TARGET = 2_000
# The release decides about these, not a change that is taken in.
_OURS = (("openapi",), ("info", "version"))
_FLOW_WIDTH = 60
_QUOTED = re.compile(r"[^A-Za-z_/(]|.*(: | #|:$)")  # what no plain scalar can be, or nearly

_JSONPATH = jsonpath.JSONPathEnvironment(strict=True)
for _regular_expression in ("match", "search"):  # one of a stranger's can run for ever
    del _JSONPATH.function_extensions[_regular_expression]


@frozen
class Action:
    """One change.

    Attributes:
        target: The JSONPath of what is changed.
        description: Why.
        update: What is merged into it or appended to it.
        remove: Whether it is removed instead.
    """

    target: str
    description: str
    update: Json = None
    remove: bool = False


@frozen
class Overlay:
    """A list of changes and what it is called."""

    title: str
    actions: tuple[Action, ...]


def read_overlay(path: Path) -> Overlay:
    """Read the overlay at `path`.

    Raises:
        DocumentError: It can't be read, or is no overlay of version 1.0.
    """
    document = read(path)
    data, name = document.data, document.name
    version = data.get("overlay")
    if not (isinstance(version, str) and version.startswith("1.0.")):
        message = f"{name}: `overlay` {version!r:.40}; expected an OpenAPI Overlay of version 1.0"
        raise DocumentError(message)
    info, actions = data.get("info"), data.get("actions")
    if not isinstance(info, dict) or not isinstance(info.get("title"), str):
        raise DocumentError(f"{name}: no `info.title`; an overlay has one")
    if not isinstance(actions, list) or not 0 < len(actions) <= MAX_ACTIONS:
        raise DocumentError(f"{name}: expected `actions`, a list of 1 to {MAX_ACTIONS:,}")
    return Overlay(
        info["title"],
        tuple(
            _action(action, f"{name}:{document.line(f'/actions/{index}')}")
            for index, action in enumerate(actions)
        ),
    )


def _action(action: Json, place: str) -> Action:
    if not isinstance(action, dict) or not isinstance(action.get("target"), str):
        raise DocumentError(f"{place}: an action without a `target`; expected a JSONPath")
    if len(action["target"]) > MAX_TARGET:
        raise DocumentError(f"{place}: a target of over {MAX_TARGET:,} characters")
    remove = action.get("remove", False)
    if not isinstance(remove, bool) or not (remove or "update" in action):
        raise DocumentError(f"{place}: an action without `update` or `remove: true`")
    unknown = [
        key
        for key in action
        if key not in {"target", "description", "update", "remove"} and not key.startswith("x-")
    ]
    if unknown:
        raise DocumentError(f"{place}: an action has {unknown[0]!r}; Overlay 1.0 has no such field")
    description = action.get("description", "")
    return Action(action["target"], str(description), action.get("update"), remove)


def written(overlay: Overlay) -> str:
    """The overlay as YAML."""
    actions: list[Json] = []
    for action in overlay.actions:
        change = {"remove": True} if action.remove else {"update": styled(action.update)}
        actions.append({"target": action.target, "description": action.description, **change})
    document = {
        "overlay": VERSION,
        "info": {"title": overlay.title, "version": "1.0.0"},
        "actions": actions,
    }
    out = io.StringIO()
    yaml().dump(document, out)
    return out.getvalue().rstrip("\n") + "\n"


def yaml() -> YAML:
    """A reader and writer that keeps comments, order, quotes and folds as they are."""
    keeping = YAML()
    keeping.indent(mapping=2, sequence=4, offset=2)
    keeping.width = 4096
    keeping.preserve_quotes = True
    keeping.representer.add_representer(
        type(None), lambda out, _: out.represent_scalar("tag:yaml.org,2002:null", "null")
    )
    return keeping


def styled(value: Json) -> Json:
    """`value` for the writer, in the contract's style: short lists of scalars on one line."""
    if isinstance(value, dict):
        made = CommentedMap()
        made.update({key: styled(item) for key, item in value.items()})
        return made
    if isinstance(value, list):
        sequence = CommentedSeq(styled(item) for item in value)
        scalar = not any(isinstance(item, dict | list) for item in value)
        if scalar and len(str(value)) <= _FLOW_WIDTH:
            sequence.fa.set_flow_style()
        return sequence
    if isinstance(value, str) and "\n" not in value and (value == "null" or _QUOTED.match(value)):
        return DoubleQuotedScalarString(value)
    return value


def apply(data: Json, actions: Sequence[Action]) -> None:
    """Change `data` as `actions` say, one after the other.

    Raises:
        DocumentError: A target is no JSONPath, selects nothing to update or what may not be
            changed, or an update does not fit it.
    """
    before = _released(data)
    removed: dict[tuple[int, Json], int] = {}
    held: list[Any] = []  # so that no id of a removed container is used again
    for action in actions:
        for parts in reversed(_selected(data, action)):
            parent = _at(data, parts[:-1])
            if action.remove:
                if isinstance(parent, CommentedMap):
                    removed[id(parent), parts[-1]] = list(parent).index(parts[-1])
                    held.append(parent)
                del parent[parts[-1]]
            else:
                _update(_at(data, parts), action, removed)
    if _released(data) != before:
        message = "the overlay changes `openapi` or `info.version`"
        raise DocumentError(f"{message}; leave these to the release")


def _released(data: Json) -> list[Json]:
    try:
        return [copy.deepcopy(_at(data, where)) for where in _OURS]
    except (LookupError, TypeError):
        return []


def _selected(data: Json, action: Action) -> list[tuple[Any, ...]]:
    try:
        parts = [match.parts for match in _JSONPATH.compile(action.target).finditer(data)]
    except (JSONPathError, RecursionError) as error:
        message = f"target {action.target!r:.200}: {' '.join(str(error).split())}"
        raise DocumentError(f"{message}; expected a JSONPath") from error
    for each in parts:
        if not each or not isinstance(_at(data, each), dict | list):
            what = kind_of(_at(data, each)) if each else "the whole document"
            message = f"target {action.target!r:.200}: selects {what}"
            raise DocumentError(f"{message}; expected objects or arrays inside the document")
    if not parts and not action.remove:
        message = f"target {action.target!r:.200}: selects nothing"
        raise DocumentError(f"{message}; the overlay does not fit this contract")
    return parts


def _update(target: Json, action: Action, removed: dict[tuple[int, Json], int]) -> None:
    if isinstance(target, list):
        if action.update not in target:
            target.append(_fit(target, action.update))
    elif isinstance(action.update, dict):
        _merge(target, action.update, removed)
    else:
        message = f"target {action.target!r:.200}: an update that is {kind_of(action.update)}"
        raise DocumentError(f"{message}; expected an object to merge into an object")


def _merge(target: Json, update: dict[str, Json], removed: dict[tuple[int, Json], int]) -> None:
    for key, value in update.items():
        known = target.get(key)
        if isinstance(known, dict) and isinstance(value, dict):
            _merge(known, value, removed)
        elif isinstance(known, list) and isinstance(value, list):
            known.extend(_fit(known, item) for item in value if item not in known)
        elif key not in target and (id(target), key) in removed:
            target.insert(removed[id(target), key], key, _fit(target, value))
        elif key not in target or known != value or kind_of(known) != kind_of(value):
            target[key] = _fit(target, value)


def _fit(container: Json, value: Json) -> Json:
    """`value` as what holds it is made: with a writer's marks, or plain."""
    if isinstance(container, CommentedMap | CommentedSeq):
        return styled(value)
    return copy.deepcopy(value)


def _at(data: Json, parts: Sequence[Any]) -> Json:
    for part in parts:
        data = data[part]
    return data
