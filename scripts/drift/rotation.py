"""Check many known jobs in turn, as many in each run as its budget allows.

`checked.json` in the report directory records when each id was last checked, so that the next run
continues with the ids that were never checked, then with the oldest.
"""

from __future__ import annotations

import json
import os
import re
from typing import TYPE_CHECKING

from contract_tests.run.known_jobs import RESERVE
from contract_tests.run.run import LIVE_EXAMPLES
from contract_tests.run.schemathesis_cases import SAMPLE
from contract_tests.run.target import TargetError, canonical_id

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime
    from pathlib import Path

    from contract_tests.run.result import Run
    from contract_tests.spec.contract import Contract

STATE = "checked.json"
_OTHER_REQUESTS = RESERVE + 2 * SAMPLE + LIVE_EXAMPLES  # of a run, other than for known jobs
_SEPARATORS = re.compile(r"[,\s]+")


def read_ids(contract: Contract, path: Path) -> tuple[str, ...]:
    """Read ids, separated by commas or white space; `#` starts a comment.

    Raises:
        TargetError: The file can't be read, has no id, or an invalid one.
    """
    try:
        lines = path.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "not UTF-8"
        raise TargetError(f"{path}: {reason}; expected a file with job ids") from error
    ids = []
    for number, line in enumerate(lines, start=1):
        for text in filter(None, _SEPARATORS.split(line.partition("#")[0])):
            try:
                ids.append(canonical_id(contract, text))
            except TargetError as error:
                raise TargetError(f"{path}:{number}: {error}") from error
    if not ids:
        raise TargetError(f"{path}: no job id; expected one on each line")
    return tuple(dict.fromkeys(ids))


def read_state(folder: Path) -> dict[str, str]:
    """Return when each id was last checked, as far as that is known."""
    try:
        state = json.loads((folder / STATE).read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    if not isinstance(state, dict):
        return {}
    return {key: value for key, value in state.items() if isinstance(value, str)}


def choose(ids: Iterable[str], state: Mapping[str, str], budget: int) -> tuple[str, ...]:
    """Return the ids to check in a run with this budget, those that waited longest first."""
    room = max(budget - _OTHER_REQUESTS, 1)
    return tuple(sorted(ids, key=lambda job_id: state.get(job_id, ""))[:room])


def describe(ids: tuple[str, ...], chosen: tuple[str, ...], state: Mapping[str, str]) -> str:
    """Return a sentence about the ids that are left to later runs."""
    never = sum(job_id not in state for job_id in ids)
    oldest = min((state[job_id] for job_id in ids if job_id in state), default="")
    since = f", the oldest check is of {oldest[:10]}" if oldest else ""
    return f"{len(chosen)} of {len(ids)} ids in this run; {never} were never checked{since}"


def write_state(folder: Path, state: Mapping[str, str], run: Run, now: datetime) -> None:
    """Record which jobs were checked, replacing the file as a whole."""
    stamp = now.isoformat(timespec="seconds")
    done = {job.id: stamp for job in run.jobs if job.status is not None}
    folder.mkdir(parents=True, exist_ok=True)
    new = folder / f".{STATE}.{os.getpid()}"
    new.write_text(json.dumps({**state, **done}, indent=0) + "\n", "utf-8")
    new.replace(folder / STATE)
