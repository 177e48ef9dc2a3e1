"""Read YAML or JSON text as JSON values, with the source line of each value."""

from __future__ import annotations

import codecs
import hashlib
import json
import re
from typing import TYPE_CHECKING

import yaml
from attrs import frozen

from contract_tests.spec.values import join, kind_of, printable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from contract_tests.spec.values import Json

MAX_BYTES = 20_000_000
MAX_NODES = 2_000_000  # a document of 850 kB has 60,000; only aliases of aliases get this far
MAX_DEPTH = 200


class DocumentError(ValueError):
    """A document can't be used. The message says where, what is wrong, and what to do.

    Invisible characters of the document are escaped in it.
    """

    def __init__(self, *lines: str) -> None:
        """Return the message, with a line for each problem."""
        super().__init__("\n".join(map(printable, lines)))


@frozen
class Document:
    """One OpenAPI document and the lines of its parts.

    Attributes:
        name: Its path or URL, for messages.
        data: The document as JSON values; the keys of each mapping are strings.
        lines: The line of each JSON pointer, counted from 1: that of the key or the item.
        sha256: The hash of the source in hexadecimal.
    """

    name: str
    data: dict[str, Json]
    lines: Mapping[str, int]
    sha256: str

    def line(self, pointer: str) -> int:
        """Return the line of `pointer`, or of its nearest parent that has one."""
        while pointer not in self.lines:
            pointer = pointer.rpartition("/")[0]
        return self.lines[pointer]


def read(path: Path) -> Document:
    """Read the document at `path`.

    Raises:
        DocumentError: The file can't be read, or `parse` refuses it.
    """
    return parse(read_bytes(path), str(path))


def read_bytes(path: Path) -> bytes:
    """Return the bytes of the document at `path`.

    Raises:
        DocumentError: The file can't be read.
    """
    try:
        return path.read_bytes()
    except OSError as error:
        message = f"{path}: {error.strerror}; expected a readable OpenAPI document"
        raise DocumentError(message) from error


def parse(source: bytes, name: str) -> Document:
    """Parse YAML 1.2 or JSON text.

    Raises:
        DocumentError: It is too large or too deep, is not YAML, repeats a key, is not a mapping, or
            its aliases expand to more than `MAX_NODES` values.
    """
    if len(source) > MAX_BYTES:
        message = f"{name}: {len(source):,} bytes; expected {MAX_BYTES:,} at most"
        raise DocumentError(message)
    if source.startswith(_GZIP):
        raise DocumentError(f"{name}: compressed with gzip; expected plain YAML or JSON")
    building = _Building(name)
    try:
        data = building.document(_json_as_yaml(source))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        mark = getattr(error, "problem_mark", None)
        place = f"{name}:{mark.line + 1}" if mark else name
        problem = " ".join(str(getattr(error, "problem", None) or error).split())
        message = f"{place}: not YAML: {problem}; expected a complete YAML or JSON document"
        raise DocumentError(message) from error
    if not isinstance(data, dict):
        hint = "; is it a web page?" if source.lstrip().startswith(b"<") else ""
        raise DocumentError(f"{name}: expected an object, got {kind_of(data)}{hint}")
    return Document(name, data, building.lines, hashlib.sha256(source).hexdigest())


_GZIP = b"\x1f\x8b"
# Valid in a string of JSON, but not in YAML 1.1 as PyYAML reads it, or a line break there.
_NOT_YAML = re.compile(
    r"(?<!\\)((?:\\\\)*)(?:\\u([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})"
    r"|([\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]|[\U00010000-\U0010ffff]))"
)


def _json_as_yaml(source: bytes) -> bytes:
    """Return JSON text with characters escaped that YAML would misread; YAML unchanged."""
    if not source.removeprefix(codecs.BOM_UTF8).lstrip().startswith(b"{"):
        return source
    try:
        text = source.decode("utf-8-sig")
        json.loads(text)
    except (ValueError, RecursionError):
        return source
    return _NOT_YAML.sub(_escaped, text.replace("\t", " ")).encode()


def _escaped(match: re.Match[str]) -> str:
    before, high, low, plain = match.groups()
    character = plain or bytes.fromhex(high + low).decode("utf-16-be")
    return f"{before}\\U{ord(character):08x}"


_NULL = re.compile(r"(?:~|null|Null|NULL)?\Z")
_BOOLEAN = re.compile(r"(?:true|True|TRUE|false|False|FALSE)\Z")
_INTEGER = re.compile(r"[-+]?[0-9]{1,40}\Z")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?\Z")


class _Building:
    """Builds JSON values from YAML events, with limits on the depth and on the size of aliases.

    It reads events instead of PyYAML's nodes: composing nodes overflows the C stack on deep
    nesting, and YAML 1.1 would turn the words `NO` and `on` into booleans.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.lines: dict[str, int] = {}
        self.made = 0
        self.anchors: dict[str, tuple[Json, int]] = {}  # the value, and the number of values in it

    def document(self, source: bytes) -> Json:
        self.events: Iterator[yaml.Event]
        self.events = yaml.parse(source, Loader=yaml.CSafeLoader)
        for event in self.events:
            if isinstance(event, yaml.NodeEvent):
                value = self.value(event, "", 0)
                if isinstance(next(self.events), yaml.DocumentEndEvent) and isinstance(
                    next(self.events), yaml.StreamEndEvent
                ):
                    return value
                raise DocumentError(f"{self.name}: more than one YAML document; expected one")
        return None

    def value(self, event: yaml.Event, pointer: str, depth: int) -> Json:
        line = _line(event)
        self.lines.setdefault(pointer, line)
        before = self.made
        self.made += 1
        if isinstance(event, yaml.AliasEvent):
            if event.anchor not in self.anchors:
                raise self.error(line, f"the alias *{event.anchor} has no anchor before it")
            value, size = self.anchors[event.anchor]
            self.made += size
        elif isinstance(event, yaml.MappingStartEvent):
            value = self.mapping(pointer, depth)
        elif isinstance(event, yaml.SequenceStartEvent):
            value = self.sequence(pointer, depth)
        else:
            assert isinstance(event, yaml.ScalarEvent)
            value = self.scalar(event, line)
        if self.made > MAX_NODES:
            raise self.error(line, f"aliases expand to over {MAX_NODES:,} values; write them out")
        if not isinstance(event, yaml.AliasEvent) and event.anchor:
            self.anchors[event.anchor] = (value, self.made - before)
        return value

    def mapping(self, pointer: str, depth: int) -> dict[str, Json]:
        members: dict[str, Json] = {}
        while not isinstance(event := next(self.events), yaml.MappingEndEvent):
            line = _line(event)
            if not isinstance(event, yaml.ScalarEvent):
                raise self.error(line, "a key that is not text; quote it")
            key = event.value
            if key in members:
                raise self.error(line, f"the key {key!r} is here twice; keep one")
            where = join(pointer, key)
            self.lines[where] = line
            self.refuse_depth(line, depth)
            members[key] = self.value(next(self.events), where, depth + 1)
        return members

    def sequence(self, pointer: str, depth: int) -> list[Json]:
        items: list[Json] = []
        while not isinstance(event := next(self.events), yaml.SequenceEndEvent):
            self.refuse_depth(_line(event), depth)
            items.append(self.value(event, join(pointer, len(items)), depth + 1))
        return items

    def scalar(self, event: yaml.ScalarEvent, line: int) -> Json:
        text: str = event.value
        tag = (event.tag or "").removeprefix("tag:yaml.org,2002:")
        if tag not in {"", "!", "str", "int", "float", "bool", "null"}:
            raise self.error(line, f"the tag {event.tag!r}; expected plain JSON values")
        if tag in {"!", "str"} or (not tag and not event.implicit[0]):
            return text
        if _NULL.match(text):
            return None
        if _BOOLEAN.match(text):
            return text.lower() == "true"
        if _INTEGER.match(text):
            return int(text)
        if _FLOAT.match(text):
            return float(text)
        return text

    def refuse_depth(self, line: int, depth: int) -> None:
        if depth >= MAX_DEPTH:
            raise self.error(line, f"nested deeper than {MAX_DEPTH} levels; flatten it")

    def error(self, line: int, what: str) -> DocumentError:
        return DocumentError(f"{self.name}:{line}: {what}")


def _line(event: yaml.Event) -> int:
    assert event.start_mark is not None
    return event.start_mark.line + 1
