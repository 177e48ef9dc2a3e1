"""Request every known job in turn on one connection and check each response.

A response with findings is requested again, so that a fact is seen twice before it counts. A
failing server or network makes the run inconclusive; it is never drift.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx

from contract_tests.run.result import Reason
from contract_tests.run.retry import TRANSIENT
from contract_tests.run.transport import NoResponse

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from contract_tests.oracle.response import Assessment
    from contract_tests.run.record import RunRecord
    from contract_tests.run.session import Session

RESERVE = 12  # requests kept for the probes when the budget is short
GONE = (httpx.codes.FORBIDDEN, httpx.codes.NOT_FOUND)
_NO_RESPONSES = 2  # consecutive jobs without a response, after which no more are requested
_NAMED = 5  # ids named in one message


def check_known_jobs(session: Session, progress: Callable[[int, int], None]) -> None:
    """Request and check as many known jobs as the budget allows.

    Args:
        session: The open run.
        progress: Called after each job with the number of jobs done and the total.
    """
    record = session.record
    job_ids = record.target.known_ids
    room = max(session.transport.left - RESERVE, 1)
    in_a_row = 0
    for done, job_id in enumerate(job_ids[:room], start=1):
        try:
            _check(session, job_id)
            in_a_row = 0
        except NoResponse as error:
            record.add_job(job_id, None, None)
            record.no_response(error)
            in_a_row += 1
            if error.reason not in TRANSIENT or in_a_row == _NO_RESPONSES:
                break
        progress(done, len(job_ids))
    _explain_retries(session)
    _explain(record)
    if len(job_ids) > room:
        message = f"{len(job_ids) - room} of {len(job_ids)} known jobs were not requested"
        record.trouble(Reason.BUDGET, f"the budget is too small: {message}; raise it with --budget")


def is_up(session: Session) -> bool:
    """Return whether the server still returns known jobs, and record why if it does not.

    A server error counts against one request only while other requests succeed.
    """
    record = session.record
    try:
        response = session.get(record.known_id)
    except NoResponse as error:
        record.no_response(error)
        return False
    if httpx.codes.is_server_error(response.status):
        message = f"the server returns {response.status} for known jobs too; try again later"
        record.trouble(Reason.SERVER_DOWN, message)
        return False
    return True


def _check(session: Session, job_id: str) -> None:
    status, assessment = _request(session, job_id)
    if assessment is not None and assessment.findings:
        status, assessment = _request(session, job_id)
    session.record.add_job(job_id, status, assessment)


def _request(session: Session, job_id: str) -> tuple[int, Assessment | None]:
    """Return the status for a job, and the assessment of the response if it can be checked."""
    record = session.record
    response = session.get(job_id)
    status = response.status
    if httpx.codes.is_server_error(status) or status == httpx.codes.UNAUTHORIZED:
        return status, None
    assessment = session.checker.check_job(response, job_id)
    if assessment.findings:
        session.transport.drop_connection()
        record.observe(assessment.findings, job_id, record.reproduce(job_id))
    if assessment.instance is not None:
        record.keep_sample(job_id, assessment, len(response.body))
    return status, assessment


def _explain(record: RunRecord) -> None:
    """Record why known jobs could not be checked."""
    by_status: dict[int, list[str]] = {}
    for result in record.results:
        if result.status is not None and not result.checked:
            by_status.setdefault(result.status, []).append(result.id)
    failed = [
        job_id
        for status, job_ids in by_status.items()
        if httpx.codes.is_server_error(status)
        for job_id in job_ids
    ]
    if failed:
        message = f"5xx at every attempt for {_listed(failed)}; try again later"
        record.trouble(Reason.SERVER_ERROR, message)
    unauthorized = by_status.get(httpx.codes.UNAUTHORIZED, [])
    gone = [(status, by_status[status]) for status in GONE if status in by_status]
    if record.checked:
        for status, job_ids in gone:
            record.warn(f"{status} for {_listed(job_ids)}; remove deleted jobs from the known ids")
        if unauthorized:
            record.warn(f"401 for {_listed(unauthorized)}, but not for other jobs")
    elif unauthorized:
        message = f"401 for {_counted(unauthorized)}; renew the token"
        record.trouble(Reason.NOT_AUTHORIZED, message)
    elif gone:
        counts = " and ".join(f"{status} for {_counted(job_ids)}" for status, job_ids in gone)
        message = f"{counts}; name jobs that exist, or use a token that may read them"
        record.trouble(Reason.NO_KNOWN_JOB, message)
    elif not record.troubles and httpx.codes.OK not in by_status:
        message = "the server returned no known job; name jobs that exist"
        record.trouble(Reason.NO_KNOWN_JOB, message)


def _explain_retries(session: Session) -> None:
    """Warn about requests that had to be sent again. A single one is normal."""
    record, retried = session.record, session.transport.retried
    errors = [item for item in retried if httpx.codes.is_server_error(item.status)]
    if len(errors) > 1 and record.checked:
        message = f"{len(errors)} requests got a {errors[0].status} and were sent again"
        record.warn(f"{message}; the server fails intermittently")
    for response in retried:
        if response.status == httpx.codes.TOO_MANY_REQUESTS:
            for finding in session.checker.check(response).findings:
                record.warn(f"rate limit: {finding.message}")


def _listed(job_ids: Sequence[str]) -> str:
    """Return a few ids as text, with their total number."""
    named = ", ".join(job_ids[:_NAMED])
    more = f" and {len(job_ids) - _NAMED} more" if len(job_ids) > _NAMED else ""
    return f"{_counted(job_ids)} ({named}{more})"


def _counted(job_ids: Sequence[str]) -> str:
    return f"{len(job_ids)} known job{'' if len(job_ids) == 1 else 's'}"
