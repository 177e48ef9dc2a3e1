"""Asks for every known job, one after the other on one connection, and judges each answer.

What looks like drift is asked for again before it counts; what is a server's or a network's bad
day is retried and then called inconclusive, never drift.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import httpx

from contract_tests.run.record import SERVER_ERROR, Judgement, Trouble, repeating
from contract_tests.run.retry import PASSING, ask
from contract_tests.run.transport import Unanswered
from contract_tests.spec.contract import SUCCESS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from contract_tests.oracle.finding import Finding
    from contract_tests.oracle.response import Judge, Judged
    from contract_tests.run.transport import Wire

RESERVE = 12  # requests kept back for the probes when the budget is short
GONE = (httpx.codes.FORBIDDEN, httpx.codes.NOT_FOUND)
_HOPELESS = 2  # jobs in a row without any answer, after which no more are asked for


def still_answers(wire: Wire, judgement: Judgement) -> bool:
    """Whether a known job is answered at all; what is in the way is recorded.

    Asked after a server's error, which is a fault of what was asked only if the server works.
    """
    path = judgement.contract.path_of(judgement.known_id)
    try:
        answer = ask(wire, path, judgement.target.credential.shown)
    except Unanswered as error:
        judgement.unanswered(error)
        return False
    if httpx.codes.is_server_error(answer.status):
        message = f"the server answers {answer.status}, known jobs too; try again later"
        judgement.unanswered(Unanswered("server down", message))
        return False
    return True


class Sweep:
    """The walk over the known jobs of one run."""

    def __init__(self, wire: Wire, judgement: Judgement, judge: Judge) -> None:
        """Ask nobody yet."""
        self._wire = wire
        self._judgement = judgement
        self._judge = judge
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
                if error.reason not in PASSING or unanswered == _HOPELESS:
                    break
            yield job_id
        self._conclude()

    def _job(self, job_id: str) -> None:
        status, judged = self._asked(job_id)
        findings: Sequence[Finding] = ()
        if judged is not None and judged.findings:
            first = judged.findings
            status, judged = self._asked(job_id)
            # Only what repeats counts, the rest is flaky.
            findings, once = repeating(first, () if judged is None else judged.findings)
            self._judgement.record_flaky(once)
        self._statuses[status] += 1
        self._judgement.job(job_id, status, judged, findings)

    def _asked(self, job_id: str) -> tuple[int, Judged | None]:
        """The status that a job was answered with, and what that is worth if it can be judged."""
        judgement = self._judgement
        path = judgement.contract.path_of(job_id)
        answer = ask(self._wire, path, judgement.target.credential.shown)
        if httpx.codes.is_server_error(answer.status) or answer.status == httpx.codes.UNAUTHORIZED:
            return answer.status, None
        judged = self._judge.of_job(answer, job_id)
        if judged.findings:
            self._wire.hang_up()
        return answer.status, judged

    def _warn_of_what_was_passed_over(self) -> None:
        """An answer after which a request was sent again decides nothing, but may deserve a look.

        One bad moment does not.
        """
        answers = self._wire.passed_over
        errors = [answer for answer in answers if httpx.codes.is_server_error(answer.status)]
        if len(errors) > 1 and self._judgement.validated:
            message = f"{len(errors)} requests were answered {errors[0].status} and sent again"
            self._judgement.warn(f"{message}; the server fails now and then")
        for answer in answers:
            if answer.status == httpx.codes.TOO_MANY_REQUESTS:
                for finding in self._judge.of_answer(answer).findings:
                    self._judgement.warn(f"rate limit: {finding.message}")

    def _conclude(self) -> None:
        """Say what it means that jobs were not answered with a job."""
        judgement = self._judgement
        self._warn_of_what_was_passed_over()
        failed = [
            job for job in judgement.jobs if job.status and httpx.codes.is_server_error(job.status)
        ]
        if failed:
            message = f"{len(failed)} known jobs were answered 5xx every time, {failed[0].id} first"
            judgement.troubles.append(Trouble(SERVER_ERROR, f"{message}; try again later"))
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
