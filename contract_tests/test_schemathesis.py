"""Schemathesis' phases and its stock checks, on generated requests and on some known jobs."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
import requests
import schemathesis
from attrs import evolve

from contract_tests.oracle.finding import repeating
from contract_tests.run.known_jobs import still_answers
from contract_tests.run.schemathesis_checks import SERVER_ERROR_KEYWORD, findings_of
from contract_tests.run.transport import NoResponse
from contract_tests.spec.contract import load

if TYPE_CHECKING:
    from contract_tests.run.session import Session

CONTRACT = load()
SCHEMA = schemathesis.openapi.from_dict(CONTRACT.document.data)
SCHEMA.config.generation.update(deterministic=True, max_examples=50, database="none")
OPERATION = SCHEMA[CONTRACT.path]["GET"]


def test_known_jobs_pass_the_stock_checks(session: Session, sampled_id: str) -> None:
    """Schemathesis' own checks find nothing wrong with a known job either."""
    if session.may_ask:
        case = OPERATION.Case(path_parameters={CONTRACT.parameter: sampled_id})
        _judge(case, session, sampled_id, sampled_id)


@SCHEMA.parametrize()
def test_generated_requests_are_refused(case: schemathesis.Case[Any], session: Session) -> None:
    """Whatever id or method is made up, the answer is a refusal that fits the contract."""
    if session.examples <= 0:
        pytest.skip("enough requests were made up")  # or Hypothesis makes up all of them
    if session.may_generate(case.method):
        _judge(case, session, case.formatted_path.rpartition("/")[2])


def _judge(
    case: schemathesis.Case[Any], session: Session, value: str, known: str | None = None
) -> None:
    """Record what the checks find twice; what they find once is flaky."""
    record = session.record
    record.ran("generated requests" if known is None else "stock checks of known jobs")
    variant = next((job.variant for job in record.jobs if job.id == known), None)
    find = partial(
        findings_of,
        case,
        session.judge,
        record.target.credential.shown,
        session.target.url,
        known,
        variant=variant,
    )
    try:
        first = find()
        failed = any(finding.keyword == SERVER_ERROR_KEYWORD for finding in first)
        if failed and not still_answers(session.wire, record):
            return
        again = first and find()
    except requests.ConnectionError as error:
        (cause,) = error.args
        if isinstance(cause, NoResponse):
            record.no_response(cause)
        return
    same, once = repeating(first, again)
    record.add_flaky(once)
    record.add_findings(
        evolve(finding, job_id=known, reproduce=record.reproduce(value)) for finding in same
    )
