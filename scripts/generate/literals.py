"""Write text of a document as Python source that evaluates to exactly that text."""

from __future__ import annotations

import re
import textwrap
import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from contract_tests.spec.values import Json

WIDTH = 94  # of a docstring of one line, without its quotes
_PLAIN = frozenset({"a", "an", "its", "last", "of", "s", "the", "was", "when"})


def literal(value: Json) -> str:
    """Return a JSON value, or a tuple of them, as a Python expression in ASCII."""
    return ascii(value)


def docstring_literal(text: str, indent: str = "") -> str:
    r"""Return `text` as a docstring, wrapped; `indent` is that of its later lines.

    Nothing in it can end the docstring or start an escape: backslashes and quotes that could are
    escaped, and characters that Python or a terminal would misread are left out.
    """
    lines = []
    for line in text.strip().splitlines():
        printable = "".join(character for character in line if _is_plain(character))
        bare = printable.lstrip(" ")
        margin = " " * (len(printable) - len(bare))
        hanging = margin + ("    " if re.match(r"\w+: ", bare) and margin else "")
        # Escaped after it is wrapped, so that no line ends inside an escape.
        lines += textwrap.wrap(
            bare,
            WIDTH - len(indent),
            initial_indent=margin,
            subsequent_indent=hanging,
            break_long_words=False,
            break_on_hyphens=False,
        ) or [""]
    first, *others = [_escape(line) for line in lines or [""]]
    body = "\n".join([first, *((indent if line else "") + line for line in others)])
    if len(lines) > 1:
        body += f"\n{indent}"
    return f'"""{body}"""'


def repeats(text: str, name: str) -> bool:
    """Return whether every word of a text is in a name, such as "The job's id." in `Jobid`."""
    return all(word in name.lower() for word in set(re.findall(r"\w+", text.lower())) - _PLAIN)


def _escape(line: str) -> str:
    start = line.rstrip('"')
    quotes = len(line) - len(start)
    return start.replace("\\", "\\\\").replace('"""', r"\"\"\"") + r"\"" * quotes


def _is_plain(character: str) -> bool:
    return character == " " or unicodedata.category(character)[0] not in {"C", "Z"}
