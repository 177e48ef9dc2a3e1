"""Many nights against a flaky server, with the checks, the reports and the bot as they are."""

from __future__ import annotations

import json
import os
from random import Random
from typing import TYPE_CHECKING

from tests.run import runs
from tests.server import End, honest, of_json, serve

if TYPE_CHECKING:
    from collections.abc import Iterable

    from contract_tests.run.result import Run
    from tests.nightly.conftest import Nights
    from tests.nightly.fake_github import FakeGitHub
    from tests.server import Request, Script, Step

NIGHTS = int(os.environ.get("NIGHTS", "20"))  # the documentation quotes 1,000


def _flaky(script: Script, random: Random) -> Script:
    """Return `script` with 1 % of server errors, 1 % of resets and 1 % of slow responses."""

    def respond(request: Request) -> bytes | Iterable[Step]:
        response = script(request)
        assert isinstance(response, bytes)
        match random.randrange(100):
            case 0:
                return of_json({"status": 503}, 503)
            case 1:
                return [response[:80], End.RESET]
            case 2:
                return [0.01, response]
            case _:
                return response

    return respond


def _night(nights: Nights, script: Script) -> Run:
    nights.contract = runs.CONTRACT
    with serve(script) as server:
        run = runs.run(server.url, waits=[])
    nights.night(run)
    return run


def test_a_flaky_server_is_never_drift(nights: Nights, github: FakeGitHub) -> None:
    """Neither by its verdict nor as an issue."""
    script = _flaky(runs.HONEST, Random(7))

    every = [_night(nights, script) for _ in range(NIGHTS)]

    assert [run.findings for run in every if run.verdict == "drift"] == []
    assert github.issues == []
    assert sum(run.verdict == "clean" for run in every) > NIGHTS * 0.8


def test_a_drift_is_reported_the_night_it_appears_in_one_issue(
    nights: Nights, github: FakeGitHub
) -> None:
    """Between flaky nights, whichever job shows it; the issue is closed when it is fixed."""
    random = Random(11)
    text = json.dumps(runs.JOBS[runs.SECOND])
    drifted = {**runs.JOBS, runs.SECOND: {**json.loads(text), "novel": 1}}
    open_issues = []

    for night in range(14):
        jobs = drifted if 5 <= night < 9 or night == 11 else runs.JOBS
        run = _night(nights, _flaky(honest(jobs), random))
        if run.verdict != "inconclusive":
            open_issues.append((jobs is drifted, len(github.open("drift"))))

    assert len(open_issues) > 10
    assert all(number == int(drift) for drift, number in open_issues)
    assert len([issue for issue in github.issues if "drift" in issue["labels"]]) == 1
