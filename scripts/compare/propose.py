"""What would take a change into the contract: an overlay of few actions, each with its reason.

Two sources, one way: what the vendor's document says, and what a live server's answers show. Only
what was seen is proposed; what needs a person's judgement is left, and said to be.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TextIO

from attrs import evolve, frozen

from contract_tests.oracle.oracle import Oracle
from contract_tests.spec import contract as contracts
from contract_tests.spec.contract import SUCCESS
from contract_tests.spec.values import Json, split
from scripts.compare.divergences import find_divergences
from scripts.compare.drafting import NotProposableError
from scripts.compare.edits import Edits
from scripts.compare.observed import open_facts, widened
from scripts.compare.operation import Operation, extract
from scripts.compare.overlay import Action, Overlay, written
from scripts.report.text import plural, visible

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from contract_tests.oracle.finding import Finding
    from contract_tests.spec.contract import Contract
    from scripts.compare.divergences import Divergence

MAX_TRIED = 100  # each is compared anew, which takes a tenth of a second


@frozen
class Proposal:
    """What would take changes in.

    Attributes:
        actions: The changes to the contract, in order.
        left: What is left to a person, one sentence each.
    """

    actions: tuple[Action, ...]
    left: tuple[str, ...]


def actions_from_divergences(
    ours: Operation, theirs: Operation, divergences: Sequence[Divergence]
) -> Proposal:
    """What makes the contract say what `theirs` says, where no deviation accepts that it does not.

    Args:
        ours: The contract's operation.
        theirs: The vendor's.
        divergences: All that differs between them, the accepted ones marked.
    """

    def reason(divergence: Divergence) -> str:
        return f"the vendor's document says so on line {divergence.line_theirs}"

    known = {_identity(each) for each in divergences}

    def only_mends(edits: Edits) -> bool:
        after = extract(edits.document(ours.document), ours.path)
        return all(_identity(each) in known for each in find_divergences(after, theirs))

    edits, left = _edited(ours, divergences, reason)
    if not only_mends(edits):
        edits, left = _edited(ours, divergences[:MAX_TRIED], reason, only_mends)
        more = sum(each.deviation is None for each in divergences[MAX_TRIED:])
        if more:
            left.append(f"{more} more; propose again once these are taken in")
    return Proposal(tuple(edits.actions), tuple(left))


def actions_from_findings(
    contract: Contract, findings: Sequence[Finding], instances: Sequence[Json]
) -> Proposal:
    """What makes the contract allow what a server's answers hold.

    Args:
        contract: The contract that they were judged by.
        findings: What was found, the accepted ones marked.
        instances: The observed bodies; those with the findings must be among them.
    """
    ours = extract(contract.document, contract.path)
    facts = open_facts(findings)
    answer = ours.responses[SUCCESS]
    content = {kind: widened(shape, instances, facts) for kind, shape in answer.content.items()}
    theirs = evolve(ours, responses={**ours.responses, SUCCESS: evolve(answer, content=content)})

    def reason(divergence: Divergence) -> str:
        there = sum(_holds(each, split(divergence.location)) for each in instances)
        return f"there in {there} of {plural(len(instances), 'observed instance')}"

    edits, left = _edited(ours, find_divergences(ours, theirs), reason)
    changed = Oracle(contracts.resolve(edits.document(contract.document)))
    still = open_facts([each for body in instances for each in changed.findings(body)])
    left += [f"{visible(where) or 'the whole body'}: {word}" for where, word in facts & still]
    left += [
        f"{visible(each.message)}: a behaviour, which the contract can't take in"
        for each in findings
        if each.kind == "behavior" and each.deviation is None
    ]
    return Proposal(tuple(edits.actions), tuple(dict.fromkeys(left)))


def offer(proposal: Proposal, path: Path, title: str, out: TextIO) -> None:
    """Write the overlay, if there is anything to propose, and say what comes next.

    Args:
        proposal: What would take changes in.
        path: The overlay's file.
        title: The overlay's title.
        out: Where it is said.

    Raises:
        OSError: The file can't be written.
    """
    if proposal.actions:
        path.write_text(written(Overlay(title, proposal.actions)), encoding="utf-8")
        out.write(f"wrote {path}; take it in with: python -m scripts.accept {path}\n")
    else:
        out.write("nothing to propose\n")
    out.writelines(f"left to you: {sentence}\n" for sentence in proposal.left)


def _edited(
    ours: Operation,
    divergences: Sequence[Divergence],
    reason: Callable[[Divergence], str],
    fits: Callable[[Edits], bool] = lambda _: True,
) -> tuple[Edits, list[str]]:
    edits = Edits(ours.document.data, ours.place)
    left = []
    for each in divergences:
        if each.deviation is not None:
            continue
        before = edits.saved()
        try:
            edits.take_in(each, f"{_named(each)}: {reason(each)}")
            if not fits(edits):
                edits.restore(before)
                message = "the contract says it in one place for more than is meant"
                raise NotProposableError(message)  # noqa: TRY301
        except NotProposableError as error:
            left.append(f"{_named(each)}: {error}; take it in by hand")
    return edits, left


def _named(divergence: Divergence) -> str:
    where = visible(divergence.location) or "the whole body"
    return f"{where}, {divergence.change}"


def _identity(divergence: Divergence) -> tuple[str, str, str]:
    return divergence.location, divergence.change, repr((divergence.ours, divergence.theirs))


def _holds(instance: Json, tokens: list[str]) -> bool:
    """Whether something stands at the location, `*` meaning any item."""
    if not tokens:
        return True
    first, *rest = tokens
    if isinstance(instance, list):
        return any(_holds(item, rest) for item in instance)
    return isinstance(instance, dict) and first in instance and _holds(instance[first], rest)
