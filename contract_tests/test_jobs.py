"""Every known job, and what a server does with requests that it must refuse."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from contract_tests.instances.population import population
from contract_tests.run.known_jobs import Sweep
from contract_tests.run.probes import PROBES, Probe, run
from contract_tests.run.self_check import missed, planted
from contract_tests.run.transport import NoResponse
from contract_tests.spec.contract import SUCCESS

if TYPE_CHECKING:
    from contract_tests.run.session import Session


def test_known_jobs_fit_the_contract(session: Session) -> None:
    """Each known job is answered with that job, and every fact about it fits the contract."""
    known = session.target.known_ids
    sweep = Sweep(session.wire, session.record, session.judge)

    for done, _ in enumerate(sweep.jobs(known), start=1):
        session.progress(done, len(known))

    assert session.record.validated, "no known job was answered with a job: nothing is proved"


def test_planted_faults_are_found(session: Session) -> None:
    """Faults put into the bodies that the server sent are found where they were put."""
    record = session.record
    wrong = {finding.job_id for finding in record.findings}
    good = {job_id: job for job_id, job in record.samples.items() if job_id not in wrong}
    if record.samples and not good:
        # Each body has a finding, accepted perhaps: jobs made up of the contract have none.
        good = dict(population(record.contract).jobs)
    oracle = session.judge.oracles[SUCCESS]
    mutants = planted(record.contract, oracle, good)

    blind = missed(oracle, mutants)
    record.planted = len(mutants) - len(blind)

    assert not blind, f"the oracle is blind for {', '.join(blind)}; nothing that it says counts"


@pytest.mark.parametrize("probe", PROBES, ids=lambda probe: probe.name.replace(" ", "-"))
def test_what_must_be_refused_is_refused(session: Session, probe: Probe) -> None:
    """No wrong id and no wrong credential is answered with a job."""
    if session.record.should_stop:
        pytest.skip("the server does not answer")

    session.record.ran(probe.name)
    try:
        session.record.add_findings(run(probe, session.wire, session.judge, session.record))
    except NoResponse as error:
        session.record.no_response(error)
