"""Report the mutation score of the contract tests: `python -m scripts.mutants`.

Every body mutant is checked in-process; every HTTP mutant, and a sample of the body mutants of each
family, by a run against a server. Exit status: 0 all killed for the right reason, 4 a mutant
survived or a rule has none, 2 usage error.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console

from contract_tests.instances.population import population
from contract_tests.mutants.bodies import unbroken
from contract_tests.mutants.catalogue import catalogue
from contract_tests.mutants.reference import proof
from contract_tests.mutants.score import score
from contract_tests.oracle.oracle import Oracle
from contract_tests.spec.contract import PATH, load
from contract_tests.spec.document import DocumentError
from scripts.mutants.matrix import Score, as_json, markdown, rate, table
from scripts.mutants.runs import body_outcomes, http_outcomes

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from contract_tests.mutants.catalogue import Catalogue
    from contract_tests.mutants.score import Outcome

EXIT_USAGE_ERROR = 2
EXIT_SURVIVORS = 4


def main(argv: Sequence[str] | None = None) -> int:
    """Score every mutant; return the exit status."""
    args = _parse(argv)
    console = Console()
    try:
        contract = load(args.contract)
        mutants = catalogue(contract, population(contract))
        outcomes = list(in_process(mutants, Oracle(contract)))
        if not args.in_process:
            jobs = mutants.population
            outcomes += [*body_outcomes(contract, jobs), *http_outcomes(contract, jobs)]
        result = Score(outcomes, unbroken(contract, mutants.bodies), len(contract.rules))
        paths = _write(result, args.report_dir)
    except (DocumentError, OSError) as error:
        print(f"scripts.mutants: {error}", file=sys.stderr)
        return EXIT_USAGE_ERROR
    console.print(table(result))
    console.print(rate(result), highlight=False)
    for outcome in result.survivors:
        console.print(f"survived: {outcome.name}: {outcome.reason}", markup=False, soft_wrap=True)
    for rule in result.unbroken:
        console.print(f"no mutant breaks {rule.location}", markup=False, soft_wrap=True)
    for path in paths:
        print(f"wrote {path}")
    return 0 if result.passed else EXIT_SURVIVORS


def in_process(mutants: Catalogue, oracle: Oracle) -> Iterator[Outcome]:
    """Check every body mutant with `oracle`, and yield the outcomes."""
    every = mutants.bodies.values()
    return score(every, oracle.findings_of_body, proof(mutants.contract))


def _parse(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m scripts.mutants",
        description="Report the mutation score of the contract tests.",
        epilog="exit status: 0 all killed, 4 a mutant survived or a rule has none, 2 usage error",
    )
    parser.add_argument(
        "--in-process", action="store_true", help="check body mutants only, without HTTP"
    )
    parser.add_argument(
        "--contract",
        type=Path,
        default=PATH,
        metavar="FILE",
        help="the contract (default: openapi/job.yaml)",
    )
    parser.add_argument(
        "--report-dir",
        type=Path,
        default=Path("reports"),
        metavar="DIR",
        help="where to write the matrix (default: reports)",
    )
    return parser.parse_args(argv)


def _write(result: Score, folder: Path) -> list[Path]:
    texts = {
        "mutants.json": json.dumps(as_json(result), indent=1, ensure_ascii=False) + "\n",
        "mutants.md": markdown(result),
    }
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")
    return [folder / name for name in texts]


if __name__ == "__main__":
    sys.exit(main())
