"""What an issue remembers between runs: a hidden marker in its body. No I/O."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from attrs import field, frozen

if TYPE_CHECKING:
    from collections.abc import Mapping

MAX_STATE = 39_000
BEGIN = "<!-- nightly: begin; edit above or below this block -->"
_STATE = re.compile(r"<!-- nightly: (\{.*\}) -->")


@frozen
class Topic:
    """The subject of an issue, which has a label of its own."""

    label: str
    color: str
    description: str
    title: str


@frozen
class Subject:
    """The subject of an issue: a topic and a target."""

    topic: Topic
    target: str

    @property
    def title(self) -> str:
        """The title of the issue."""
        return self.topic.title.format(target=self.target)


@frozen
class State:
    """What an issue remembers, in a hidden marker at its end.

    Attributes:
        topic: The label of its topic.
        target: Its target.
        fingerprints: Its facts, up to a limit.
        truncated: Whether there are more; if so, these are the lowest.
        lines: A line about each of the first facts.
        first_seen: When each of them was first seen.
    """

    topic: str
    target: str
    fingerprints: frozenset[str] = frozenset()
    truncated: bool = False
    lines: Mapping[str, str] = field(factory=dict)
    first_seen: Mapping[str, str] = field(factory=dict)

    def is_about(self, subject: Subject) -> bool:
        """Return whether the issue is about `subject`."""
        return (self.topic, self.target) == (subject.topic.label, subject.target)

    @property
    def marker(self) -> str:
        """The hidden marker."""
        data: dict[str, object] = {
            "topic": self.topic,
            "target": self.target,
            "facts": " ".join(sorted(self.fingerprints)),
            "truncated": self.truncated,
            "first_seen": dict(self.first_seen),
        }
        text = _encoded(data | {"lines": dict(self.lines)})
        return f"<!-- nightly: {text if len(text) < MAX_STATE else _encoded(data)} -->"


def state_of(body: str) -> State | None:
    """Return the state of an issue, None for one without the marker of this bot."""
    markers = _STATE.findall(body)
    if BEGIN not in body or not markers:
        return None
    try:
        data = json.loads(markers[-1])
        marks = frozenset(data["facts"].split())
        return State(
            *(data["topic"], data["target"], marks, data["truncated"]),
            *(data.get("lines", {}), data["first_seen"]),
        )
    except (ValueError, KeyError, TypeError, AttributeError):
        return None


def replaced(body: str, block: str) -> str:
    """Return `body` with a new block of the bot, and the text around it as it was."""
    markers = list(_STATE.finditer(body))
    start = body.find(BEGIN)
    if start < 0 or not markers:
        return block
    return body[:start] + block + body[markers[-1].end() :]


def _encoded(data: object) -> str:
    """Return `data` as JSON in which no text from a server can end an HTML comment."""
    text = json.dumps(data, ensure_ascii=False)
    return text.replace(">", "\\u003e").replace("<", "\\u003c")
