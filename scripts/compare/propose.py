"""Propose a change of the contract: an overlay of few actions, each with its reason.

There are two sources: the vendor's document, and the responses of a live server. Only what was
seen is proposed. Changes that need a decision are reported and left to a person.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TextIO

from attrs import evolve, frozen

from contract_tests.oracle.oracle import Oracle
from contract_tests.spec import contract as contracts
from contract_tests.spec.contract import SUCCESS
from contract_tests.spec.document import DocumentError
from contract_tests.spec.values import Json, split
from scripts.compare.divergences import Divergence, find_divergences
from scripts.compare.draft import ManualChangeError
from scripts.compare.edit import ContractEditor
from scripts.compare.observed import open_facts, widened
from scripts.compare.operation import OperationShape, extract
from scripts.compare.overlay import Action, Overlay, to_yaml
from scripts.compare.overlay_diff import diff_documents
from scripts.report.text import plural, visible

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from contract_tests.oracle.finding import Finding
    from contract_tests.spec.contract import Contract

MAX_LISTED = 50
_NAMED = ("enum member", "branch ", "security", "server")  # several can be at one location
MAX_TRIED = 100  # each is compared separately, which takes a tenth of a second


@frozen
class Proposal:
    """A proposed change.

    Attributes:
        actions: The changes to the contract, in order.
        left: What remains for a person, one sentence each.
    """

    actions: tuple[Action, ...]
    left: tuple[str, ...]


def propose_from_divergences(
    ours: OperationShape, theirs: OperationShape, divergences: Sequence[Divergence]
) -> Proposal:
    """Propose changes that make the contract agree with `theirs`, without accepted divergences.

    The proposal is applied in memory and compared again; what remains is part of `left`.

    Args:
        ours: The contract's operation.
        theirs: The vendor's.
        divergences: Every divergence of the two, the accepted ones marked.
    """

    def reason(divergence: Divergence) -> str:
        return f"the vendor's document, line {divergence.line_theirs}"

    known = {each.identity for each in divergences}

    def remaining(editor: ContractEditor) -> list[Divergence]:
        return find_divergences(extract(editor.document(ours.document), ours.path), theirs)

    def fault(editor: ContractEditor) -> str | None:
        try:
            contracts.resolve(editor.document(ours.document))
        except DocumentError as error:
            return f"it would make the contract invalid: {str(error).splitlines()[0]}"
        caused = [each for each in remaining(editor) if each.identity not in known]
        return f"it would cause another divergence, {_label(caused[0])}" if caused else None

    editor, left = _edit(ours, theirs, divergences, reason)
    if fault(editor):
        editor, left = _edit(ours, theirs, divergences[:MAX_TRIED], reason, fault)
        more = sum(each.deviation is None for each in divergences[MAX_TRIED:])
        if more:
            left[f"{more} more"] = "propose again once these are applied"
    accepted = {each.identity for each in divergences if each.deviation is not None}
    for each in remaining(editor):
        if each.identity not in accepted:
            left.setdefault(_label(each), "it remains after the change")
    return _proposal(ours, editor, left)


def propose_from_findings(
    contract: Contract, findings: Sequence[Finding], instances: Sequence[Json]
) -> Proposal:
    """Propose changes that make the contract allow the responses of a server.

    Args:
        contract: The contract that they were checked against.
        findings: The findings, the accepted ones marked.
        instances: The observed bodies, including those with the findings.
    """
    ours = extract(contract.document, contract.path)
    facts = open_facts(findings)
    response = ours.responses[SUCCESS]
    content = {kind: widened(shape, instances, facts) for kind, shape in response.content.items()}
    theirs = evolve(ours, responses={**ours.responses, SUCCESS: evolve(response, content=content)})

    def reason(divergence: Divergence) -> str:
        count = sum(_has(each, split(divergence.location)) for each in instances)
        return f"in {count} of {plural(len(instances), 'observed instance')}"

    editor, left = _edit(ours, theirs, find_divergences(ours, theirs), reason)
    changed = Oracle(contracts.resolve(editor.document(contract.document)))
    still = open_facts([each for body in instances for each in changed.findings(body)])
    for location, word in sorted(facts & still):
        left[f"{visible(location) or 'the whole body'}, {word}"] = "it needs a decision"
    for each in findings:
        if each.kind == "behavior" and each.deviation is None:
            left[visible(each.message)] = "a contract has no rule for it"
    return _proposal(ours, editor, left)


def write_proposal(proposal: Proposal, path: Path, title: str, out: TextIO) -> None:
    """Write the overlay, unless it is empty, and report what to do next.

    Args:
        proposal: The proposed change.
        path: The overlay's file.
        title: The overlay's title.
        out: Where to report.

    Raises:
        OSError: The file can't be written.
    """
    if proposal.actions:
        path.write_text(to_yaml(Overlay(title, proposal.actions)), encoding="utf-8")
        out.write(f"wrote {path}; apply it with: python -m scripts.accept {path}\n")
    else:
        out.write("nothing to propose\n")
    out.writelines(f"left to you: {sentence}\n" for sentence in proposal.left[:MAX_LISTED])
    if len(proposal.left) > MAX_LISTED:
        out.write(f"left to you: {len(proposal.left) - MAX_LISTED:,} more\n")


def _proposal(ours: OperationShape, editor: ContractEditor, left: dict[str, str]) -> Proposal:
    actions = diff_documents(ours.document.data, editor.data, editor.reasons)
    return Proposal(actions, tuple(f"{label}: {why}" for label, why in left.items()))


def _edit(
    ours: OperationShape,
    theirs: OperationShape,
    divergences: Sequence[Divergence],
    reason: Callable[[Divergence], str],
    fault: Callable[[ContractEditor], str | None] = lambda _: None,
) -> tuple[ContractEditor, dict[str, str]]:
    editor = ContractEditor(ours, theirs)
    left = {}
    for each in divergences:
        if each.deviation is not None:
            continue
        try:
            editor.apply_divergence(each, f"{_label(each)}: {reason(each)}")
        except ManualChangeError as error:
            left[_label(each)] = f"{error}; change it by hand"
            continue
        why = fault(editor)
        if why:
            editor.undo()
            left[_label(each)] = f"{why}; change it by hand"
    return editor, left


def _label(divergence: Divergence) -> str:
    location = visible(divergence.location) or "the whole body"
    value = divergence.theirs if divergence.ours is None else divergence.ours
    shown = f" {visible(str(value), 40)}" if divergence.change.startswith(_NAMED) else ""
    return f"{location}, {divergence.change}{shown}"


def _has(instance: Json, tokens: list[str]) -> bool:
    """Whether the instance has the location; `*` matches any item."""
    if not tokens:
        return True
    first, *rest = tokens
    if isinstance(instance, list):
        return any(_has(item, rest) for item in instance)
    return isinstance(instance, dict) and first in instance and _has(instance[first], rest)
