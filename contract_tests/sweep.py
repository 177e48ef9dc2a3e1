"""Asks for every known job, one after the other on one connection, and judges each answer.

What looks like drift is asked for again before it counts; what is a server's or a network's bad
day is retried and then called inconclusive, never drift.
"""

from __future__ import annotations

import time
from collections import Counter
from typing import TYPE_CHECKING

import httpx

from contract_tests.contract import SUCCESS
from contract_tests.judgement import SERVER_ERROR, Judgement, Trouble, repeating
from contract_tests.wire import Unanswered

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from contract_tests.answers import Judge, Judged
    from contract_tests.findings import Finding
    from contract_tests.wire import Answer, Wire

BACKOFF = (0.2, 0.5, 1.0)  # seconds between tries of what a server failed to answer
RESERVE = 12  # requests kept back for the probes when the budget is short
GONE = (httpx.codes.FORBIDDEN, httpx.codes.NOT_FOUND)
_PASSING = ("unreachable", "timeout")
_HOPELESS = 2  # jobs in a row without any answer, after which no more are asked for


def ask(
    wire: Wire, path: str, credential: str | None, sleep: Callable[[float], None] = time.sleep
) -> Answer:
    """The answer to a GET of `path`, after retries where the server or the network failed.

    Raises:
        Unanswered: There is none, however often it was asked for.
    """
    for pause in BACKOFF:
        try:
            answer = wire.get(path, credential)
        except Unanswered as unanswered:
            if unanswered.reason not in _PASSING:
                raise
        else:
            if not httpx.codes.is_server_error(answer.status):
                return answer
        sleep(pause)
    return wire.get(path, credential)


class Sweep:
    """The walk over the known jobs of one run."""

    def __init__(
        self,
        wire: Wire,
        judgement: Judgement,
        judge: Judge,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """Ask nobody yet."""
        self._wire = wire
        self._judgement = judgement
        self._judge = judge
        self._sleep = sleep
        self._statuses: Counter[int | None] = Counter()

    def jobs(self, job_ids: Sequence[str]) -> Iterator[str]:
        """Judge each known job; gives its id when that is done.

        A budget that is too short for all of them is spent on the first ones.
        """
        room = max(self._wire.left - RESERVE, 1)
        if len(job_ids) > room:
            left_out = len(job_ids) - room
            self._judgement.warn(
                f"{left_out} of {len(job_ids)} known jobs were not asked for: the budget is too "
                "short; raise it with --budget"
            )
        unanswered = 0
        for job_id in job_ids[:room]:
            try:
                self._job(job_id)
                unanswered = 0
            except Unanswered as error:
                self._judgement.job(job_id, None, None, ())
                self._judgement.unanswered(error)
                unanswered += 1
                if error.reason not in _PASSING or unanswered == _HOPELESS:
                    break
            yield job_id
        self._conclude()

    def _job(self, job_id: str) -> None:
        answer = self._ask(job_id)
        self._statuses[answer.status] += 1
        if httpx.codes.is_server_error(answer.status):
            self._judgement.job(job_id, answer.status, None, ())
            message = f"the job {job_id} was answered {answer.status} every time; try again later"
            self._judgement.troubles.append(Trouble(SERVER_ERROR, message))
            return
        if answer.status == httpx.codes.UNAUTHORIZED:
            self._judgement.job(job_id, answer.status, None, ())
            return
        judged = self._judge.of_job(answer, job_id)
        findings: Sequence[Finding] = judged.findings
        if findings:
            answer, judged, findings = self._again(job_id, judged)
        self._judgement.job(job_id, answer.status, judged, findings)

    def _again(self, job_id: str, first: Judged) -> tuple[Answer, Judged, list[Finding]]:
        """Ask once more: only what repeats counts, the rest is flaky."""
        answer = self._ask(job_id)
        judged = self._judge.of_job(answer, job_id)
        same, once = repeating(first.findings, judged.findings)
        self._judgement.record_flaky(once)
        return answer, judged, same

    def _ask(self, job_id: str) -> Answer:
        path = self._judgement.contract.path_of(job_id)
        return ask(self._wire, path, self._judgement.target.credential.shown, self._sleep)

    def _conclude(self) -> None:
        """Say what it means that jobs were not answered with a job."""
        judgement = self._judgement
        if judgement.validated:
            for job in judgement.jobs:
                if job.status in GONE:
                    judgement.warn(f"the known job {job.id} is gone ({job.status}); unlist it")
                elif job.status == httpx.codes.UNAUTHORIZED:
                    judgement.warn(f"the known job {job.id} was answered 401, others were not")
        elif refused := self._statuses[httpx.codes.UNAUTHORIZED]:
            message = f"all {refused} known jobs were answered 401; renew the token"
            judgement.troubles.append(Trouble("not authorized", message))
        elif gone := sum(self._statuses[status] for status in GONE):
            message = (
                f"none of the {gone} known jobs is there any more (403 or 404); "
                "name others, or a token that may read them"
            )
            judgement.troubles.append(Trouble("no known job", message))
        elif not judgement.troubles and SUCCESS not in map(str, self._statuses):
            message = "no known job was answered with a job; name some that exist"
            judgement.troubles.append(Trouble("no known job", message))
