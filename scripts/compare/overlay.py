"""Read, write and apply OpenAPI Overlay 1.0 documents.

The target of an action is a JSONPath (RFC 9535) that selects objects or arrays. An update is merged
into an object or appended to an array; existing array items are not added again, so that applying
an overlay twice is the same as applying it once.

`x-after` is an extension that other tools ignore: for each new key, the key that it follows.
"""

from __future__ import annotations

import copy
import io
import re
from typing import TYPE_CHECKING, Any

import jsonpath
from attrs import field, frozen
from jsonpath.exceptions import JSONPathError
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.scalarstring import DoubleQuotedScalarString

from contract_tests.spec.document import DocumentError, read
from contract_tests.spec.values import Json, kind_of

if TYPE_CHECKING:
    from collections.abc import Container, Mapping, Sequence
    from pathlib import Path

VERSION = "1.0.0"
MAX_ACTIONS = 1_000
MAX_TARGET = 2_000
MAX_SELECTORS = 20
_FLOW_WIDTH = 84
_QUOTED = re.compile(r"[^A-Za-z_/(]|.*(: | #|:$)")  # texts that can't be plain scalars
_STRINGS = re.compile(r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"")
# A filter inside a filter, or one that searches the whole document, takes quadratic time or worse.
_SLOW = re.compile(r"\?.*(\?|\.\.|\$)|\.\..*\.\.")

_JSONPATH = jsonpath.JSONPathEnvironment(strict=True)
for _regular_expression in ("match", "search"):  # an untrusted one could run forever
    del _JSONPATH.function_extensions[_regular_expression]


@frozen
class Action:
    """One change.

    Attributes:
        target: The JSONPath of what is changed.
        description: Why.
        update: The value that is merged into the target or appended to it.
        remove: Whether the target is removed instead.
        after: For each key that the update adds, the key that it follows; "" to come first.
    """

    target: str
    description: str
    update: Json = None
    remove: bool = False
    after: Mapping[str, str] = field(factory=dict)


@frozen
class Overlay:
    """A title and a list of changes."""

    title: str
    actions: tuple[Action, ...]


def read_overlay(path: Path) -> Overlay:
    """Read the overlay at `path`.

    Raises:
        DocumentError: It can't be read or is not an overlay of version 1.0.
    """
    document = read(path)
    data, name = document.data, document.name
    version = data.get("overlay")
    if not (isinstance(version, str) and version.startswith("1.0.")):
        message = f"{name}: `overlay` {version!r:.40}; expected an OpenAPI Overlay of version 1.0"
        raise DocumentError(message)
    info, actions = data.get("info"), data.get("actions")
    if not isinstance(info, dict) or not isinstance(info.get("title"), str):
        raise DocumentError(f"{name}: missing `info.title`; every overlay needs one")
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
    known = {"target", "description", "update", "remove"}
    unknown = [key for key in action if key not in known and not key.startswith("x-")]
    if unknown:
        raise DocumentError(f"{place}: an action has {unknown[0]!r}; Overlay 1.0 has no such field")
    after = action.get("x-after", {})
    if not isinstance(after, dict) or not all(isinstance(key, str) for key in after.values()):
        raise DocumentError(f"{place}: invalid `x-after`; expected a key for each new key")
    description = str(action.get("description", ""))
    return Action(action["target"], description, action.get("update"), remove, after)


def to_yaml(overlay: Overlay) -> str:
    """Return the overlay as YAML."""
    actions: list[Json] = []
    for action in overlay.actions:
        change = {"remove": True} if action.remove else {"update": styled(action.update)}
        entry = {"target": action.target, "description": action.description, **change}
        actions.append({**entry, "x-after": dict(action.after)} if action.after else entry)
    document = {
        "overlay": VERSION,
        "info": {"title": overlay.title, "version": "1.0.0"},
        "actions": actions,
    }
    return dump(document)


def dump(document: Json) -> str:
    """Return a document as YAML that ends with one line break."""
    out = io.StringIO()
    yaml().dump(document, out)
    return out.getvalue().rstrip("\n") + "\n"


def yaml() -> YAML:
    """Return a YAML reader and writer that keeps comments, order, quotes and folds."""
    keeping = YAML()
    keeping.indent(mapping=2, sequence=4, offset=2)
    keeping.width = 4096
    keeping.preserve_quotes = True
    keeping.representer.add_representer(
        type(None), lambda out, _: out.represent_scalar("tag:yaml.org,2002:null", "null")
    )
    return keeping


def styled(value: Json) -> Json:
    """Return `value` for the writer in the contract's style: short lists of scalars on one line."""
    if isinstance(value, dict):
        made = CommentedMap()
        made.update({key: styled(item) for key, item in value.items()})
        return made
    if isinstance(value, list):
        sequence = CommentedSeq(styled(item) for item in value)
        scalar = not any(isinstance(item, dict | list) for item in value)
        if scalar and len(", ".join(map(str, value))) <= _FLOW_WIDTH:
            sequence.fa.set_flow_style()
        return sequence
    if isinstance(value, str) and "\n" not in value and (value == "null" or _QUOTED.match(value)):
        return DoubleQuotedScalarString(value)
    return value


def apply(data: Json, actions: Sequence[Action]) -> None:
    """Apply `actions` to `data`, one after the other.

    Raises:
        DocumentError: A target is not a JSONPath or selects nothing to update, or an update does
            not fit it.
    """
    for action in actions:
        for parts in reversed(_selected(data, action)):
            parent = _at(data, parts[:-1])
            if action.remove:
                del parent[parts[-1]]
            else:
                _update(_at(data, parts), action)


def _selected(data: Json, action: Action) -> list[tuple[Any, ...]]:
    target = action.target
    syntax = _STRINGS.sub("''", target[1:])
    if _SLOW.search(syntax) or syntax.count("[") > MAX_SELECTORS:
        message = f"target {target!r:.200}: too complex"
        raise DocumentError(f"{message}; expected one filter or `..` at most, with simple tests")
    try:
        parts = [match.parts for match in _JSONPATH.compile(target).finditer(data)]
    except (JSONPathError, RecursionError) as error:
        message = f"target {target!r:.200}: {' '.join(str(error).split())}"
        raise DocumentError(f"{message}; expected a JSONPath") from error
    for each in parts:
        if not each or not isinstance(_at(data, each), dict | list):
            what = kind_of(_at(data, each)) if each else "the whole document"
            message = f"target {target!r:.200}: selects {what}"
            raise DocumentError(f"{message}; expected objects or arrays inside the document")
    if not parts and not action.remove:
        message = f"target {target!r:.200}: selects nothing"
        raise DocumentError(f"{message}; the overlay does not fit this contract")
    return parts


def _update(target: Json, action: Action) -> None:
    if isinstance(target, list):
        if action.update not in target:
            target.append(_fit(target, action.update))
    elif isinstance(action.update, dict):
        _merge(target, action.update, action.after)
    else:
        message = f"target {action.target!r:.200}: an update that is {kind_of(action.update)}"
        raise DocumentError(f"{message}; expected an object to merge into an object")


def _merge(target: Json, update: dict[str, Json], after: Mapping[str, str]) -> None:
    for key, value in update.items():
        known = target.get(key)
        if isinstance(known, dict) and isinstance(value, dict):
            _merge(known, value, after)
        elif isinstance(known, list) and isinstance(value, list):
            known.extend(_fit(known, item) for item in value if item not in known)
        elif key not in target and after.get(key, key) in target:
            insert(target, key, _fit(target, value), after[key])
        elif key not in target and after.get(key) == "":
            insert(target, key, _fit(target, value), None)
        elif key not in target or known != value or kind_of(known) != kind_of(value):
            target[key] = _fit(target, value)


def insert(target: dict[str, Json], key: str, value: Json, after: str | None) -> None:
    """Add a key to an object, after the key `after`; None to come first."""
    index = 0 if after is None else list(target).index(after) + 1
    if isinstance(target, CommentedMap):
        target.insert(index, key, value)
        return
    items = list(target.items())
    items.insert(index, (key, value))
    target.clear()
    target.update(items)


def predecessor(each: Json, order: Sequence[Json], known: Container[Json]) -> Json:
    """Return the last item before `each` in `order` that is known; None if there is none."""
    before = order[: order.index(each)] if each in order else ()
    return next((item for item in reversed(before) if item in known), None)


def _fit(container: Json, value: Json) -> Json:
    """Return a copy of `value` that suits its container: for a YAML writer, or plain."""
    if isinstance(container, CommentedMap | CommentedSeq):
        return styled(value)
    return copy.deepcopy(value)


def _at(data: Json, parts: Sequence[Any]) -> Json:
    for part in parts:
        data = data[part]
    return data
