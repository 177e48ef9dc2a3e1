"""Every mutant of the contract by name, and servers that have one of them."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING, TypeAlias

from attrs import evolve, frozen

from contract_tests.mutants.bodies import BodyMutant, body_mutants, mutated
from contract_tests.mutants.http import HttpMutant, http_mutants
from contract_tests.mutants.replies import Site

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from starlette.types import ASGIApp

    from contract_tests.instances.population import Population
    from contract_tests.mutants.faults import Expected
    from contract_tests.spec.contract import Contract

Mutant: TypeAlias = BodyMutant | HttpMutant


class MutantError(LookupError):
    """There is no mutant of that name. Says which names come near."""


@frozen
class Catalogue:
    """The mutants of one contract and population.

    Attributes:
        contract: The contract.
        population: The valid jobs that the body mutants are made of.
        bodies: The body mutants by full name.
        http: The HTTP mutants by name.
    """

    contract: Contract
    population: Population
    bodies: Mapping[str, BodyMutant]
    http: Mapping[str, HttpMutant]

    def named(self, name: str) -> tuple[Mutant, ...]:
        """The mutants that `name` means.

        An HTTP mutant has one name. A body mutant may be named without its variant and branches,
        and by the end of its location alone: then the shallowest and first place that has such a
        fault is meant, in every variant and branch that has it.

        Raises:
            MutantError: There is none.
        """
        if name in self.http:
            return (self.http[name],)
        found = [
            mutant for mutant in self.bodies.values() if name in {mutant.name, mutant.short}
        ] or [
            mutant
            for mutant in self.bodies.values()
            if f".{mutant.name}".endswith(f".{name}") or f".{mutant.short}".endswith(f".{name}")
        ]
        if not found:
            near = get_close_matches(name, [*self.http, *self.shorts], n=3, cutoff=0.5)
            hint = f"; near it are {', '.join(near)}" if near else ""
            raise MutantError(f"no mutant {name!r}{hint}; --list-mutants lists all")
        nearest = min(found, key=lambda mutant: mutant.short.count("."))
        return tuple(mutant for mutant in found if mutant.short == nearest.short)

    @property
    def shorts(self) -> Mapping[str, BodyMutant]:
        """The body mutants by the name without variant and branches, the first of each."""
        shorts: dict[str, BodyMutant] = {}
        for mutant in self.bodies.values():
            shorts.setdefault(mutant.short, mutant)
        return shorts

    def faulty(self, name: str) -> tuple[Population, Callable[[ASGIApp], ASGIApp]]:
        """What a server with the fault serves, and what its application is wrapped in.

        Raises:
            MutantError: There is no such mutant.
        """
        first, *others = self.named(name)
        if isinstance(first, HttpMutant):
            site = Site(self.contract, self.population)
            return self.population, lambda app: first.wrap(app, site)
        names = {first.name, *(mutant.name for mutant in others)}
        faulty = mutated(self.contract, self.population.jobs, names)
        bodies = {job_id: mutant.body for job_id, mutant in faulty.items()}
        served = evolve(self.population, bodies={**self.population.bodies, **bodies})
        return served, lambda app: app


def catalogue(contract: Contract, population: Population) -> Catalogue:
    """Make every mutant of `contract`, the body mutants of the jobs of `population`."""
    return Catalogue(
        contract, population, body_mutants(contract, population.jobs), http_mutants(contract)
    )


def listing(mutants: Catalogue) -> str:
    """Every mutant by the name that `--mutant` takes, with its family and where it is found."""
    named: list[tuple[str, Mutant]] = [*mutants.shorts.items(), *mutants.http.items()]
    rows = [
        (name, mutant.family, ", ".join(map(_expectation, mutant.expected)) or _reason(mutant))
        for name, mutant in named
    ]
    names = max(len(name) for name, _, _ in rows)
    families = max(len(family) for _, family, _ in rows)
    return "\n".join(
        f"{name:<{names}}  {family:<{families}}  {found}" for name, family, found in rows
    )


def _expectation(expected: Expected) -> str:
    return f"{expected.location or 'the body'} {expected.keyword}"


def _reason(mutant: Mutant) -> str:
    if isinstance(mutant, HttpMutant) and mutant.reason is not None:
        return f"inconclusive: {mutant.reason}"
    return "a warning"
