"""The body mutants: for each rule, in each variant and branch, a body that breaks it.

Made of the document and a population of valid jobs, so a new rule has its mutants at once. Must
never know what a property of the job is called.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from attrs import frozen

from contract_tests.mutants.branches import branch_faults
from contract_tests.mutants.edits import edited
from contract_tests.mutants.faults import faults
from contract_tests.mutants.places import places

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from contract_tests.mutants.branches import Donors
    from contract_tests.mutants.faults import Expected, Fault
    from contract_tests.mutants.places import Place
    from contract_tests.spec.contract import Contract
    from contract_tests.spec.schema import Rule
    from contract_tests.spec.values import Json

_WHOLE = "body"  # what a job itself is called where its variant is left out


@frozen(eq=False)
class BodyMutant:
    """A job with one deliberate fault.

    Attributes:
        name: Its full name: variant and branches, location, and what is wrong.
        short: The same without variant and branches.
        location: The instance location of the place that is wrong.
        job_id: The job that it is made of, its twin.
        twin: That job, which is valid.
        fault: What is wrong.
    """

    name: str
    short: str
    location: str
    job_id: str
    twin: Json
    fault: Fault

    @property
    def family(self) -> str:
        """What sort of fault it is."""
        return self.fault.family

    @property
    def expected(self) -> tuple[Expected, ...]:
        """What must be found, and nothing else."""
        return self.fault.expected

    @cached_property
    def body(self) -> bytes:
        """What a server with this fault sends."""
        return edited(self.twin, self.fault.edits)


def body_mutants(contract: Contract, jobs: Mapping[str, Json]) -> dict[str, BodyMutant]:
    """Every body mutant of valid `jobs` by its full name, of the first job that it applies to."""
    donors = _donors(contract, jobs)
    found: dict[str, BodyMutant] = {}
    for job_id, job in jobs.items():
        for mutant in _of_job(contract, donors, job_id, job):
            found.setdefault(mutant.name, mutant)
    return found


def mutated(contract: Contract, jobs: Mapping[str, Json], names: set[str]) -> dict[str, BodyMutant]:
    """By id each job that one of the mutants `names` applies to, with that fault.

    A mutant applies to a job of its variant and branches that has something at its location, and
    is put at the first place of the job that it fits.
    """
    donors = _donors(contract, jobs)
    found: dict[str, BodyMutant] = {}
    for job_id, job in jobs.items():
        for mutant in _of_job(contract, donors, job_id, job):
            if mutant.name in names:
                found.setdefault(job_id, mutant)
    return found


def sample(contract: Contract, jobs: Mapping[str, Json]) -> dict[str, BodyMutant]:
    """One mutant of each job, by its id, every family in turn."""
    donors = _donors(contract, jobs)
    every = {job_id: list(_of_job(contract, donors, job_id, job)) for job_id, job in jobs.items()}
    families = list(dict.fromkeys(mutant.family for each in every.values() for mutant in each))
    chosen: dict[str, BodyMutant] = {}
    for turn, (job_id, mutants) in enumerate(every.items()):
        family = families[turn % len(families)]
        fitting = [mutant for mutant in mutants if mutant.family == family] or mutants
        # Any stride that is no divisor of much: neighbours are faults of the same place.
        chosen[job_id] = fitting[turn * 37 % len(fitting)]
    return chosen


def unbroken(contract: Contract, mutants: Mapping[str, BodyMutant]) -> tuple[Rule, ...]:
    """The rules of the contract that none of `mutants` breaks."""
    broken = {rule for mutant in mutants.values() for rule in mutant.fault.rules}
    return tuple(rule for rule in contract.rules if rule not in broken)


def _of_job(contract: Contract, donors: Donors, job_id: str, job: Json) -> Iterator[BodyMutant]:
    for place in places(contract.job, job):
        name = ".".join(step.text for step in place.steps) or _WHOLE
        short = ".".join(step.text for step in place.steps if not step.is_branch) or _WHOLE
        for fault in _of_place(contract, donors, place):
            # A body that is no object at all is no fault of one variant.
            whole = any(edit.location == "" for edit in fault.edits)
            yield BodyMutant(
                f"{short if whole else name}-{fault.name}",
                f"{short}-{fault.name}",
                place.location,
                job_id,
                job,
                fault,
            )


def _of_place(contract: Contract, donors: Donors, place: Place) -> Iterator[Fault]:
    yield from faults(place, contract.document.data)
    yield from branch_faults(place, donors)


def _donors(contract: Contract, jobs: Mapping[str, Json]) -> Donors:
    donors: dict[tuple[str, str], Json] = {}
    for job in jobs.values():
        for place in places(contract.job, job):
            if place.union is not None:
                donors.setdefault((place.union_name, place.schema.name), place.value)
    return donors
