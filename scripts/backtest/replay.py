"""Replay versions of the vendor's document as if this project had followed them. No I/O.

The contract of the first version is proposed from today's contract; each later one from the one
before it. Two nightly jobs are replayed: one compares the document with the contract, the other
checks a server that follows the document, here the instances that the mock server would serve.
"""

from __future__ import annotations

import copy
import itertools
from typing import TYPE_CHECKING

from attrs import evolve, frozen

from contract_tests.instances.population import population
from contract_tests.oracle.oracle import Oracle
from contract_tests.spec import contract as contracts
from scripts.accept.changelog import highest_bump
from scripts.backtest.facts import changed_locations
from scripts.compare.divergences import find_divergences
from scripts.compare.operation import extract
from scripts.compare.overlay import apply
from scripts.compare.propose import propose_from_divergences

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date

    from contract_tests.oracle.deviations import Deviations
    from contract_tests.spec.document import Document
    from scripts.compare.divergences import Divergence
    from scripts.compare.impact import Bump, Impact

_ORDER = ("breaking", "additive", "documentation")


@frozen
class VendorVersion:
    """A version of the vendor's document, and the day on which it was published."""

    day: date
    document: Document


@frozen
class Step:
    """What one version of the document brought.

    Attributes:
        day: The day on which it was published, and on which the nightly comparison reports it.
        divergences: What the comparison reports.
        resolved: The divergences of the version before that are gone: the vendor's document now
            agrees with the contract.
        bump: The part of the version that it raises, or None without a change.
        found_live: Whether the nightly check of a server reports it too.
        changed: The locations that changed, by an independent reading of the documents.
        missed: Those of them that no divergence covers.
        alarms: The divergences where the independent reading has no change.
        remaining: What remains after the proposal is applied.
        false_findings: Findings of the new contract about instances that follow it.
    """

    day: date
    divergences: tuple[Divergence, ...]
    resolved: tuple[str, ...]
    bump: Bump | None
    found_live: bool
    changed: tuple[str, ...]
    missed: tuple[str, ...]
    alarms: tuple[str, ...]
    remaining: tuple[str, ...]
    false_findings: int

    @property
    def severity(self) -> Impact | None:
        """The greatest impact on importers, or None without a change."""
        return min((each.severity for each in self.divergences), key=_ORDER.index, default=None)


def replay(
    today: Document, versions: Sequence[VendorVersion], deviations: Deviations
) -> Iterator[Step]:
    """Yield a step for each version after the first one.

    Args:
        today: Today's contract.
        versions: The versions of the vendor's document, the oldest first.
        deviations: The accepted divergences.

    Raises:
        DocumentError: A version can't be read.
    """
    contract, known, _ = _follow(today, versions[0], deviations, frozenset())
    for before, version in itertools.pairwise(versions):
        path = contracts.resolve(contract).path
        changed = changed_locations(before.document.data, version.document.data, path)
        oracle = Oracle(contracts.resolve(contract))
        contract, remaining, found = _follow(contract, version, deviations, known)
        places = {place for each in found for place in (each.location, *each.elsewhere)}
        places |= {location for location, _, _ in known - remaining}
        bodies = list(population(contracts.resolve(contract)).jobs.values())
        follower = Oracle(contracts.resolve(contract))
        yield Step(
            day=version.day,
            divergences=tuple(found),
            resolved=tuple(sorted(_labels(known - remaining))),
            bump=highest_bump(found) if found else None,
            found_live=any(oracle.findings(body) for body in bodies),
            changed=tuple(changed),
            missed=tuple(each for each in changed if not _is_covered(each, places)),
            alarms=tuple(
                each.location
                for each in found
                if not any(
                    _is_covered(place, {each.location, *each.elsewhere}) for place in changed
                )
            ),
            remaining=tuple(sorted(_labels(remaining - known))),
            false_findings=sum(len(follower.findings(body)) for body in bodies),
        )
        known = remaining


def _follow(
    contract: Document,
    version: VendorVersion,
    deviations: Deviations,
    known: frozenset[tuple[str, str, str]],
) -> tuple[Document, frozenset[tuple[str, str, str]], list[Divergence]]:
    """Return the contract that follows a version, what remains open, and what was new."""
    ours = extract(contract, contracts.resolve(contract).path)
    theirs = extract(version.document, ours.path)
    found, _ = deviations.accept("compare", find_divergences(ours, theirs), version.day)
    proposal = propose_from_divergences(ours, theirs, found)
    data = copy.deepcopy(contract.data)
    apply(data, proposal.actions)
    after = evolve(contract, data=data)
    still, _ = deviations.accept(
        "compare", find_divergences(extract(after, ours.path), theirs), version.day
    )
    remaining = frozenset(each.identity for each in still if each.deviation is None)
    new = [each for each in found if each.deviation is None and each.identity not in known]
    return after, remaining, new


def _labels(identities: frozenset[tuple[str, str, str]]) -> list[str]:
    return [f"{location}, {change}" for location, change, _ in identities]


def _is_covered(location: str, places: set[str]) -> bool:
    """Whether a place is the location, or contains it."""
    return any(location == place or f"{location}/".startswith(f"{place}/") for place in places)
