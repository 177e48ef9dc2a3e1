"""Every mutant of the contract by name, and servers that have one of them."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING, TypeAlias

from attrs import evolve, frozen

from contract_tests.mutants.bodies import BodyMutant, body_mutants, every_mutant
from contract_tests.mutants.http import HttpMutant, http_mutants
from contract_tests.mutants.middleware import Site

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from starlette.types import ASGIApp

    from contract_tests.instances.population import Population
    from contract_tests.spec.contract import Contract

Mutant: TypeAlias = BodyMutant | HttpMutant


class MutantError(LookupError):
    """There is no mutant with that name; the message lists similar names."""


@frozen
class Catalogue:
    """The mutants of one contract and population.

    Attributes:
        contract: The contract.
        population: The valid jobs that the body mutants are derived from.
        bodies: The body mutants by full name.
        http: The HTTP mutants by name.
    """

    contract: Contract
    population: Population
    bodies: Mapping[str, BodyMutant]
    http: Mapping[str, HttpMutant]

    def named(self, name: str) -> tuple[Mutant, ...]:
        """Return the mutants with a name.

        An HTTP mutant has one name. The name of a body mutant may be shortened: without variant and
        branches, and with only the end of its location. It then means the first of the shallowest
        places with such a fault, in every variant and branch.

        Raises:
            MutantError: There is none.
        """
        if name in self.http:
            return (self.http[name],)
        mutants = self.bodies.values()
        found = [mutant for mutant in mutants if name in {mutant.name, mutant.short}] or [
            mutant
            for mutant in mutants
            if f".{mutant.name}".endswith(f".{name}") or f".{mutant.short}".endswith(f".{name}")
        ]
        if not found:
            near = get_close_matches(name, [*self.http, *self.shorts], n=3, cutoff=0.5)
            hint = f"; similar names: {', '.join(near)}" if near else ""
            raise MutantError(f"no mutant {name!r}{hint}; --list-mutants lists all")
        nearest = min(found, key=lambda mutant: mutant.short.count("."))
        return tuple(mutant for mutant in found if mutant.short == nearest.short)

    @property
    def shorts(self) -> Mapping[str, BodyMutant]:
        """The first body mutant for each name without variant and branches."""
        return {mutant.short: mutant for mutant in reversed(list(self.bodies.values()))}

    def faulty(self, name: str) -> tuple[Population, Callable[[ASGIApp], ASGIApp]]:
        """Return what a server with the mutant serves, and the middleware around its application.

        Raises:
            MutantError: There is no such mutant.
        """
        first, *others = self.named(name)
        if isinstance(first, HttpMutant):
            site = Site(self.contract, self.population)
            return self.population, lambda app: first.wrap(app, site)
        bodies = dict(self.population.bodies)
        for mutant in reversed(self.everywhere({first.name, *(each.name for each in others)})):
            bodies[mutant.job_id] = mutant.body
        return evolve(self.population, bodies=bodies), lambda app: app

    def everywhere(self, names: set[str]) -> list[BodyMutant]:
        """Return the body mutants with one of the names, of every job that they apply to."""
        every = every_mutant(self.contract, self.population.jobs, names)
        return [mutant for mutant in every if mutant.name in names]


def catalogue(contract: Contract, population: Population) -> Catalogue:
    """Return every mutant of `contract`; the body mutants are derived from `population`."""
    return Catalogue(
        contract, population, body_mutants(contract, population.jobs), http_mutants(contract)
    )


def listing(mutants: Catalogue) -> str:
    """Return every mutant by the name that `--mutant` takes, its family and its findings."""
    named: list[tuple[str, Mutant]] = [*mutants.shorts.items(), *mutants.http.items()]
    rows = [
        (
            name,
            mutant.family,
            ", ".join(f"{each.location or 'the body'} {each.keyword}" for each in mutant.expected)
            or f"inconclusive: {getattr(mutant, 'reason', None)}",
        )
        for name, mutant in named
    ]
    names = max(len(name) for name, _, _ in rows)
    families = max(len(family) for _, family, _ in rows)
    return "\n".join(
        f"{name:<{names}}  {family:<{families}}  {found}" for name, family, found in rows
    )
