"""Asks for every known job, one after the other on one connection, and judges each answer.

What looks like drift is asked for again before it counts; what is a server's or a network's bad
day is retried and then called inconclusive, never drift.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import httpx

from contract_tests.oracle.finding import repeating
from contract_tests.run.result import Reason, Trouble
from contract_tests.run.retry import TRANSIENT, ask
from contract_tests.run.transport import NoResponse
from contract_tests.spec.contract import SUCCESS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from contract_tests.oracle.finding import Finding
    from contract_tests.oracle.response import Assessment, ResponseChecker
    from contract_tests.run.record import RunRecord
    from contract_tests.run.transport import Transport

RESERVE = 12  # requests kept back for the probes when the budget is short
GONE = (httpx.codes.FORBIDDEN, httpx.codes.NOT_FOUND)
_HOPELESS = 2  # jobs in a row without any answer, after which no more are asked for


def still_answers(wire: Transport, record: RunRecord) -> bool:
    """Whether a known job is answered at all; what is in the way is recorded.

    Asked after a server's error, which is a fault of what was asked only if the server works.
    """
    path = record.contract.path_of(record.known_id)
    try:
        answer = ask(wire, path, record.target.credential.shown)
    except NoResponse as error:
        record.no_response(error)
        return False
    if httpx.codes.is_server_error(answer.status):
        message = f"the server answers {answer.status}, known jobs too; try again later"
        record.no_response(NoResponse("server down", message))
        return False
    return True


class Sweep:
    """The walk over the known jobs of one run."""

    def __init__(self, wire: Transport, record: RunRecord, judge: ResponseChecker) -> None:
        """Ask nobody yet."""
        self._wire = wire
        self._record = record
        self._judge = judge
        self._statuses: Counter[int | None] = Counter()

    def jobs(self, job_ids: Sequence[str]) -> Iterator[str]:
        """Judge each known job; gives its id when that is done.

        A budget that is too short for all of them is spent on the first ones.
        """
        room = max(self._wire.left - RESERVE, 1)
        if len(job_ids) > room:
            left_out = len(job_ids) - room
            self._record.warn(
                f"{left_out} of {len(job_ids)} known jobs were not asked for: the budget is too "
                "short; raise it with --budget"
            )
        no_response = 0
        for job_id in job_ids[:room]:
            try:
                self._job(job_id)
                no_response = 0
            except NoResponse as error:
                self._record.job(job_id, None, None, ())
                self._record.no_response(error)
                no_response += 1
                if error.reason not in TRANSIENT or no_response == _HOPELESS:
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
            self._record.add_flaky(once)
        self._statuses[status] += 1
        self._record.job(job_id, status, judged, findings)

    def _asked(self, job_id: str) -> tuple[int, Assessment | None]:
        """The status that a job was answered with, and what that is worth if it can be judged."""
        record = self._record
        path = record.contract.path_of(job_id)
        answer = ask(self._wire, path, record.target.credential.shown)
        if httpx.codes.is_server_error(answer.status) or answer.status == httpx.codes.UNAUTHORIZED:
            return answer.status, None
        judged = self._judge.check_job(answer, job_id)
        if judged.findings:
            self._wire.drop_connection()
        return answer.status, judged

    def _warn_of_what_was_passed_over(self) -> None:
        """An answer after which a request was sent again decides nothing, but may deserve a look.

        One bad moment does not.
        """
        answers = self._wire.retried
        errors = [answer for answer in answers if httpx.codes.is_server_error(answer.status)]
        if len(errors) > 1 and self._record.validated:
            message = f"{len(errors)} requests were answered {errors[0].status} and sent again"
            self._record.warn(f"{message}; the server fails now and then")
        for answer in answers:
            if answer.status == httpx.codes.TOO_MANY_REQUESTS:
                for finding in self._judge.check(answer).findings:
                    self._record.warn(f"rate limit: {finding.message}")

    def _conclude(self) -> None:
        """Say what it means that jobs were not answered with a job."""
        record = self._record
        self._warn_of_what_was_passed_over()
        failed = [
            job for job in record.jobs if job.status and httpx.codes.is_server_error(job.status)
        ]
        if failed:
            message = f"{len(failed)} known jobs were answered 5xx every time, {failed[0].id} first"
            record.troubles.append(Trouble(Reason.SERVER_ERROR, f"{message}; try again later"))
        if record.validated:
            for job in record.jobs:
                if job.status in GONE:
                    record.warn(f"the known job {job.id} is gone ({job.status}); unlist it")
                elif job.status == httpx.codes.UNAUTHORIZED:
                    record.warn(f"the known job {job.id} was answered 401, others were not")
        elif refused := self._statuses[httpx.codes.UNAUTHORIZED]:
            message = f"all {refused} known jobs were answered 401; renew the token"
            record.troubles.append(Trouble(Reason.NOT_AUTHORIZED, message))
        elif gone := sum(self._statuses[status] for status in GONE):
            message = (
                f"none of the {gone} known jobs is there any more (403 or 404); "
                "name others, or a token that may read them"
            )
            record.troubles.append(Trouble(Reason.NO_KNOWN_JOB, message))
        elif not record.troubles and SUCCESS not in map(str, self._statuses):
            message = "no known job was answered with a job; name some that exist"
            record.troubles.append(Trouble(Reason.NO_KNOWN_JOB, message))
