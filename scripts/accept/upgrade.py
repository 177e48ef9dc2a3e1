"""Bring the contract up to date with the vendor's document, in one command.

    python -m scripts.accept.upgrade openapi.yaml

Compares, proposes an overlay, shows it and applies it, then compares again and prints the text of
a pull request. If descriptions are missing, it names the lines of the overlay in which to write
them; the next run keeps what is written there.

Exit status: 0 applied and nothing remains, or nothing to do; 4 rejected, or a divergence remains;
2 usage error; 1 internal error.
"""

from __future__ import annotations

import argparse
import copy
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from attrs import evolve

from contract_tests.oracle import deviations
from contract_tests.spec.document import DocumentError, read
from scripts.accept.change import operation_of
from scripts.accept.changelog import entries
from scripts.accept.command import EXIT_REJECTED, EXIT_USAGE, ROOT, accept
from scripts.accept.release import CONTRACT
from scripts.accept.worktree import NotReadyError, RejectedError
from scripts.compare import render
from scripts.compare.divergences import find_divergences
from scripts.compare.draft import ManualChangeError
from scripts.compare.fetch import fetch
from scripts.compare.operation import extract
from scripts.compare.overlay import Action, Overlay, read_overlay, to_yaml
from scripts.compare.propose import propose_from_divergences
from scripts.report.text import describe, plural, visible

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from contract_tests.spec.document import Document
    from contract_tests.spec.values import Json
    from scripts.accept.change import ContractChange
    from scripts.compare.divergences import Divergence
    from scripts.compare.operation import OperationShape

OVERLAY = Path("reports") / "upgrade.yaml"


def main(argv: Sequence[str] | None = None, *, root: Path = ROOT) -> int:
    """Upgrade the contract of the work tree at `root`; returns the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m scripts.accept.upgrade",
        description="Bring the contract up to date with the vendor's document.",
        epilog="exit status: 0 applied or nothing to do, 4 rejected or a divergence remains, "
        "2 usage error, 1 internal error",
    )
    parser.add_argument("document", metavar="DOCUMENT", help="a path or an https URL")
    parser.add_argument(
        "--overlay", type=Path, metavar="FILE", help=f"the proposal (default: {OVERLAY})"
    )
    parser.add_argument("--draft", action="store_true", help="allow missing descriptions")
    args = parser.parse_args(argv)
    overlay = args.overlay or root / OVERLAY
    try:
        return upgrade(fetch(args.document), overlay, root, draft=args.draft)
    except (DocumentError, ManualChangeError, NotReadyError, OSError) as error:
        print(f"scripts.accept.upgrade: {describe(error)}", file=sys.stderr)
        return EXIT_USAGE
    except RejectedError as error:
        print(f"scripts.accept.upgrade: {error}\nnothing changed", file=sys.stderr)
        return EXIT_REJECTED


def upgrade(vendor: Document, overlay: Path, root: Path, *, draft: bool) -> int:
    """Compare, propose, show, accept and compare again; returns the exit status.

    Raises:
        DocumentError: A document can't be read, or the proposal does not fit.
        NotReadyError: The work tree is not clean.
        RejectedError: A check failed, or a deviation has expired.
        OSError: A file can't be read or written.
    """
    name = vendor.name.rpartition("/")[2]
    accepted = deviations.load(root / "openapi" / "deviations.yaml")
    today = datetime.now(UTC).date()
    ours, theirs = _operations(root, vendor)
    found, warnings = accepted.accept("compare", find_divergences(ours, theirs), today)
    for warning in warnings:
        print(f"scripts.accept.upgrade: {visible(warning)}", file=sys.stderr)
    render.as_text(render.Comparison(CONTRACT, name, found), sys.stdout)
    if any(entry.expires < today for entry in accepted.compare):
        raise RejectedError("what an expired deviation covered would be proposed as a change")
    proposal = propose_from_divergences(ours, theirs, found)
    for sentence in proposal.left:
        print(f"left to you: {sentence}")
    if not proposal.actions:
        print("nothing to apply")
        return EXIT_REJECTED if proposal.left else 0
    actions = with_descriptions(proposal.actions, overlay)
    text = to_yaml(Overlay(f"Changes in {visible(name)}", actions))
    overlay.parent.mkdir(parents=True, exist_ok=True)
    overlay.write_text(text, encoding="utf-8")
    print(f"\n{overlay}:\n{text}")
    status, change = accept(overlay, root, draft=draft)
    if status or change is None:
        return status
    after, _ = accepted.accept("compare", find_divergences(*_operations(root, vendor)), today)
    remaining = [each for each in after if each.deviation is None]
    data = read(root / CONTRACT).data
    print(f"\n{pull_request(name, change, data, remaining)}", end="")
    return EXIT_REJECTED if remaining else 0


def with_descriptions(actions: Sequence[Action], overlay: Path) -> tuple[Action, ...]:
    """Return the actions with the descriptions that were written in an earlier overlay."""
    if not overlay.exists():
        return tuple(actions)
    written = {
        (action.target, *path): text
        for action in read_overlay(overlay).actions
        for path, text in _descriptions(action.update)
    }
    filled = []
    for action in actions:
        update = copy.deepcopy(action.update)
        for path, text in _descriptions(action.update):
            known = written.get((action.target, *path))
            if not text and known:
                node = update
                for key in path:
                    node = node[key]
                node["description"] = known
        filled.append(evolve(action, update=update))
    return tuple(filled)


def pull_request(
    name: str, change: ContractChange, data: Json, remaining: Sequence[Divergence]
) -> str:
    """Return the text of a pull request: its title, then its description in Markdown.

    Args:
        name: The name of the vendor's document.
        change: The change that was applied.
        data: The data of the new contract.
        remaining: The divergences that remain and that no deviation accepts.
    """
    lines = [f"Contract {change.version}: follow {visible(name)}", ""]
    for section, sentences in entries(change.divergences, data).items():
        lines += [f"## {section}", "", *sentences, ""]
    lines += ["## Impact", "", "| Location | Change | Severity | Version |"]
    lines += ["| --- | --- | --- | --- |"]
    lines += [
        f"| `{visible(each.location) or 'body'}` | {each.change} | {each.severity} | {each.bump} |"
        for each in change.divergences
    ]
    lines += ["", "## Checks", "", "Client generated; contract tests and fast tests passed."]
    if change.undescribed:
        lines += ["", f"{plural(len(change.undescribed), 'description')} to write before merging."]
    lines += ["", "## Remaining", ""]
    lines += [f"- `{visible(each.location) or 'body'}`: {each.change}" for each in remaining] or [
        "Nothing: the contract agrees with the document."
    ]
    return "\n".join(lines) + "\n"


def _operations(root: Path, vendor: Document) -> tuple[OperationShape, OperationShape]:
    ours = operation_of(read(root / CONTRACT))
    return ours, extract(vendor, ours.path)


def _descriptions(node: Json, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], str]]:
    if isinstance(node, dict):
        if isinstance(node.get("description"), str):
            yield path, node["description"]
        for key, value in node.items():
            yield from _descriptions(value, (*path, key))


if __name__ == "__main__":
    sys.exit(main())
