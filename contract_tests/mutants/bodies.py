"""The body mutants: for each rule, in each variant and branch, a body that breaks it.

They are derived from the contract and a population of valid jobs, so a new rule gets its mutants
automatically. Pairs of faults in one object show that no finding hides another.
"""

from __future__ import annotations

from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING

from attrs import frozen

from contract_tests.mutants.edits import edited
from contract_tests.mutants.faults import Fault, faults
from contract_tests.mutants.places import places
from contract_tests.oracle.finding import ADDITION

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from contract_tests.mutants.faults import Donors, Expected
    from contract_tests.mutants.places import Place
    from contract_tests.spec.contract import Contract
    from contract_tests.spec.schema import Rule
    from contract_tests.spec.values import Json

PAIR = "pair"  # the family of mutants with two faults
_PAIRED = frozenset({"missing", "type", "null", "enum", "format", "bound", "undocumented"})


@frozen(eq=False)
class BodyMutant:
    """A job with a deliberate fault.

    Attributes:
        name: Its full name: variant and branches, location, and what is wrong.
        short: The same without variant and branches.
        location: The instance location of the fault.
        job_id: The id of the job that it is derived from.
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
        """The kind of fault."""
        return self.fault.family

    @property
    def expected(self) -> tuple[Expected, ...]:
        """The exact findings that must be reported."""
        return self.fault.expected

    @cached_property
    def body(self) -> bytes:
        """The body with the fault."""
        return edited(self.twin, self.fault.edits)


def body_mutants(contract: Contract, jobs: Mapping[str, Json]) -> dict[str, BodyMutant]:
    """Return every body mutant by full name, each made from the first valid job it applies to."""
    found: dict[str, BodyMutant] = {}
    for mutant in every_mutant(contract, jobs):
        found.setdefault(mutant.name, mutant)
    return found


def every_mutant(
    contract: Contract, jobs: Mapping[str, Json], names: Collection[str] = ()
) -> Iterator[BodyMutant]:
    """Yield every mutant of each job, job by job.

    Args:
        contract: The contract.
        jobs: Valid jobs by id.
        names: Full names; if given, only the places that one of them may mean are tried.
    """
    donors: dict[tuple[str, str], Json] = {}
    all_places = {job_id: list(places(contract.job, job)) for job_id, job in jobs.items()}
    for place in (place for found in all_places.values() for place in found):
        if place.union is not None:
            donors.setdefault(place.branch_key, place.value)
    for job_id, found in all_places.items():
        chosen = [place for place in found if not names or _may_mean(place, names)]
        yield from _of_job(contract, donors, job_id, jobs[job_id], chosen)


def sample(contract: Contract, jobs: Mapping[str, Json]) -> dict[str, BodyMutant]:
    """Return one mutant of each job by its id, with every family in turn."""
    every: dict[str, list[BodyMutant]] = {}
    for mutant in every_mutant(contract, jobs):
        every.setdefault(mutant.job_id, []).append(mutant)
    families = list(dict.fromkeys(mutant.family for each in every.values() for mutant in each))
    chosen: dict[str, BodyMutant] = {}
    for turn, (job_id, mutants) in enumerate(every.items()):
        family = families[turn % len(families)]
        fitting = [mutant for mutant in mutants if mutant.family == family] or mutants
        # Neighbors are faults at the same place, so step by a number that divides few lengths.
        chosen[job_id] = fitting[turn * 37 % len(fitting)]
    return chosen


def unbroken(contract: Contract, mutants: Mapping[str, BodyMutant]) -> tuple[Rule, ...]:
    """Return the rules of the contract that none of `mutants` breaks."""
    broken = {rule for mutant in mutants.values() for rule in mutant.fault.rules}
    return tuple(rule for rule in contract.rules if rule not in broken)


def _of_job(
    contract: Contract, donors: Donors, job_id: str, job: Json, all_places: list[Place]
) -> Iterator[BodyMutant]:
    of_object: dict[int, list[Fault]] = {}
    for place in all_places:
        found = list(faults(place, contract.document.data, donors))
        yield from _named(job_id, job, place, found)
        if place.parent is not None and _can_pair(place):
            of_object.setdefault(id(place.parent), []).extend(found)
        of_object.setdefault(id(place), []).extend(
            fault for fault in found if fault.family == "undocumented"
        )
    for place in all_places:
        yield from _named(job_id, job, place, _pairs(of_object.get(id(place), [])))


def _may_mean(place: Place, names: Collection[str]) -> bool:
    """Return whether a name may be that of a fault of a place, or of a pair in the object."""
    starts = tuple(
        f"{start}-"
        for each in (place, place.parent)
        if each is not None
        for start in (each.name, each.short)
    )
    return any(name.startswith(starts) for name in names)


def _named(job_id: str, job: Json, place: Place, found: Iterable[Fault]) -> Iterator[BodyMutant]:
    for fault in found:
        # A body that is not an object belongs to no variant.
        whole = any(edit.location == "" for edit in fault.edits)
        name = f"{place.short if whole else place.name}-{fault.name}"
        short = f"{place.short}-{fault.name}"
        yield BodyMutant(name, short, place.location, job_id, job, fault)


def _can_pair(place: Place) -> bool:
    """Return whether a place is in every such object, and whether no branch depends on it."""
    assert place.parent is not None
    return place.token in place.parent.schema.required and not place.is_tag and not place.siblings


def _pairs(found: list[Fault]) -> Iterator[Fault]:
    """Yield pairs of faults with the same keyword at different properties of an object."""
    first: dict[tuple[str, str], Fault] = {}
    for fault in found:
        if fault.family in _PAIRED and len(fault.expected) == 1:
            first.setdefault((fault.expected[0].keyword, fault.edits[0].location), fault)
    for keyword in dict.fromkeys(keyword for keyword, _ in first):
        of_keyword = [fault for key, fault in first.items() if key[0] == keyword]
        for one, other in pairwise(of_keyword[: 2 if keyword == ADDITION else None]):
            names = [fault.edits[0].location.rpartition("/")[2] for fault in (one, other)]
            both = f"{keyword}-of-{names[0]}-and-{names[1]}"
            yield Fault(
                PAIR,
                "two-undocumented" if keyword == ADDITION else both,
                one.edits + other.edits,
                one.expected + other.expected,
            )
