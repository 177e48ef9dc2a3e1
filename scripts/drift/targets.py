"""Read a YAML file of targets: servers, their tokens and their known jobs.

targets:
  - name: production
    base_url: https://api.example.com
    token: PRODUCTION_TOKEN             # the environment variable; default: that of the contract
    organizations: [3fa85f64-…]         # and/or job_ids: […], job_ids_file: ids.txt
    budget: 300                         # for this target; targets share the budget of a token
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from attrs import frozen

from contract_tests.run.target import TargetError, live_target
from contract_tests.spec.document import DocumentError, parse
from contract_tests.spec.settings import settings_of
from contract_tests.spec.values import join

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from contract_tests.run.target import Target
    from contract_tests.spec.contract import Contract
    from contract_tests.spec.document import Document
    from contract_tests.spec.values import Json

_KEYS: Mapping[str, tuple[type, str]] = {
    "name": (str, "a text"),
    "base_url": (str, "a URL"),
    "token": (str, "the name of an environment variable"),
    "job_ids": (list, "a list of ids"),
    "job_ids_file": (str, "the path of a file"),
    "organizations": (list, "a list of ids"),
    "budget": (int, "a number of requests"),
    "allow_plain_http": (bool, "true or false"),
}


@frozen
class Listed:
    """One target of the file.

    Attributes:
        name: Its name.
        target: The server.
        budget: The maximum number of requests, None for the default.
        ids_file: A file with more known ids, which are checked in turn over several runs.
    """

    name: str
    target: Target
    budget: int | None = None
    ids_file: Path | None = None


def read_targets(contract: Contract, path: Path, only: str | None = None) -> list[Listed]:
    """Read the targets in the file at `path`, or just the one named `only`.

    Raises:
        DocumentError: The file can't be read, or an entry is invalid.
        TargetError: A target can't be used, or none has that name.
    """
    try:
        document = parse(path.read_bytes(), str(path))
    except OSError as error:
        raise DocumentError(f"{path}: {error.strerror}; expected a list of targets") from error
    entries = document.data.get("targets")
    if not isinstance(entries, list) or not entries or len(document.data) > 1:
        raise DocumentError(f"{path}: expected `targets`, a list with at least one entry")
    listed = [
        _target(contract, document, entry, join("/targets", index), path.parent)
        for index, entry in enumerate(entries)
        if only is None or (isinstance(entry, dict) and entry.get("name") == only)
    ]
    if not listed:
        raise TargetError(f"{path}: no target is named {only!r}")
    if len({each.name for each in listed}) < len(listed):
        raise DocumentError(f"{path}: two targets have the same name")
    return listed


def _target(
    contract: Contract, document: Document, entry: Json, where: str, folder: Path
) -> Listed:
    place = f"{document.name}:{document.line(where)}"
    if not isinstance(entry, dict):
        raise DocumentError(f"{place}: expected an object with {', '.join(_KEYS)}")
    for key, value in entry.items():
        if key not in _KEYS:
            raise DocumentError(f"{place}: unknown key {key!r}; expected {', '.join(_KEYS)}")
        kind, expected = _KEYS[key]
        texts = not isinstance(value, list) or all(isinstance(item, str) for item in value)
        if type(value) is not kind or not texts:
            raise DocumentError(f"{place}: {key} is {value!r}; expected {expected}")
    if missing := [key for key in ("name", "base_url") if not entry.get(key)]:
        raise DocumentError(f"{place}: missing {missing[0]}")
    if not (entry.get("job_ids") or entry.get("job_ids_file") or entry.get("organizations")):
        raise DocumentError(f"{place}: missing job_ids, job_ids_file or organizations")
    if entry.get("budget", 1) < 1:
        raise DocumentError(f"{place}: budget is {entry['budget']}; expected 1 or more")
    variable = entry.get("token", settings_of(contract).token_variable)
    try:
        target = live_target(
            contract,
            entry["base_url"],
            entry.get("job_ids", ()),
            os.environ.get(variable) or None,
            organizations=entry.get("organizations", ()),
            variable=variable,
            allow_plain_http=entry.get("allow_plain_http", False),
        )
    except TargetError as error:
        raise TargetError(f"{place}: {error}") from error
    file = entry.get("job_ids_file")
    return Listed(
        entry["name"], target, entry.get("budget"), None if file is None else folder / file
    )
