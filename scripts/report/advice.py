"""The impact of each finding and what to do about it, in a sentence each.

`docs/findings.md` has the long form, a section for each keyword.
"""

from __future__ import annotations

import os
import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from contract_tests.spec.keywords import Effect

if TYPE_CHECKING:
    from collections.abc import Mapping

    from contract_tests.spec.values import Json

PAGE = "docs/findings.md"
HOME = "https://github.com/qovery-job-client/qovery-job-client"

IMPACT: Mapping[str, str] = {
    Effect.RAISES: "the client raises ContractViolationError or BodyError",
    Effect.WRONG: "the client returns data that is wrong, without an error",
    Effect.EXPOSES: "data is readable by clients that must not read it",
    Effect.LOSES: "the client returns the job, but one value differs from what was sent",
    Effect.NOTHING: "importers of the client are not affected",
}

_CHANGED = "If the API changed, update the contract and release"
_REPORT = "Report it to the vendor"
_PRIVATE = "Report it to the vendor in private, at once: it is a security problem"
_NETWORK = "Repeat the request from another network; if it persists, report it to the vendor"
_ADVICE = {
    "additionalProperties": "Add the property to the contract, so that importers get it typed.",
    "allow": "Fix the mock server.",
    "authentication": f"{_PRIVATE}.",
    "enum": "Add the member to the contract (python -m scripts.accept) and release.",
    "header": "Compare the headers with the contract; if they were renamed, update the contract.",
    "identity": f"{_PRIVATE}. Check caches and proxies on the way.",
    "invalid-id": f"{_REPORT}.",
    "media-type": "Check the host: an HTML page often comes from a proxy.",
    "oneOf": "Find out which property applies; if both may be present, change the schema.",
    "redirect": "Check the target: a login page means that the token was rejected.",
    "required": "If the vendor removed the property, make it optional; this is a breaking release.",
    "server-error": f"{_REPORT}.",
    "status": "Repeat the request; if it persists, document the response in the contract.",
    "unknown-id": f"{_PRIVATE}.",
    "variant": "Repeat the request; if it persists, the server mixes up responses: report it.",
    **dict.fromkeys(
        (
            *("content-encoding", "depth", "duplicate-key", "encoding", "framing"),
            *("integer-range", "json", "non-finite-number", "size", "surrogate"),
        ),
        f"{_NETWORK}.",
    ),
}


_NULL = 'Repeat the request; if null is permanent, add "null" to the types of the property.'
_OTHER = f"{_CHANGED}; if not, report it to the vendor and accept it until it is fixed."


def advice(keyword: str, seen: Json) -> str:
    """Return what to do about a finding of `seen`."""
    if keyword == "type" and seen is None:
        return _NULL
    return _ADVICE.get(keyword, _OTHER)


def page(keyword: str) -> str:
    """Return the section of the documentation about a finding."""
    anchor = keyword.lower()
    return f"{PAGE}#{anchor if anchor in _sections() else 'other-keywords'}"


@cache
def _sections() -> frozenset[str]:
    """Return the headings of the page; none where the documentation is not installed."""
    try:
        text = (Path(__file__).parents[2] / PAGE).read_text(encoding="utf-8")
    except OSError:
        return frozenset()
    return frozenset(
        heading.lower() for heading in re.findall(r"^#{3,4} ([\w-]+)$", text, re.MULTILINE)
    )


def home() -> str:
    """Return the address of this repository: the one that runs in GitHub Actions, or the origin."""
    server, name = os.environ.get("GITHUB_SERVER_URL"), os.environ.get("GITHUB_REPOSITORY")
    return f"{server}/{name}" if server and name else HOME


def link(page: str) -> str:
    """Return the address of a page of this repository."""
    return f"{home()}/blob/{os.environ.get('GITHUB_SHA') or 'main'}/{page}"
