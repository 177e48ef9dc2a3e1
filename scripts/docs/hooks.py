"""Hooks that MkDocs calls during the build: they fill in `{{ finding minimum }}` and similar.

An unknown name fails the build, so a page cannot describe code that no longer exists.
"""

from __future__ import annotations

import re
import sys
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from mkdocs.exceptions import PluginError
from mkdocs.structure.files import File, Files

ROOT = Path(__file__).parents[2]
# MkDocs runs this file by its path, not as a module of its package.
sys.path[:0] = [path for path in (str(ROOT),) if path not in sys.path]

from contract_tests.mock_server import population  # noqa: E402
from contract_tests.mutants.bodies import unbroken  # noqa: E402
from contract_tests.mutants.catalogue import Catalogue, catalogue  # noqa: E402
from contract_tests.mutants.score import score  # noqa: E402
from contract_tests.oracle.oracle import Oracle  # noqa: E402
from contract_tests.spec.contract import Contract, load  # noqa: E402
from contract_tests.spec.keywords import ASSERTIONS  # noqa: E402
from scripts.docs import contract_page, examples, models_page  # noqa: E402
from scripts.mutants import matrix  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.pages import Page

_PLACEHOLDER = re.compile(r"(?<!\$)\{\{ (?P<what>[a-z-]+)(?: (?P<name>[\w-]+))? \}\}")


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the contract with numbered lines as a page."""
    text = contract_page.source(_contract(), (ROOT / "openapi" / "job.yaml").read_text("utf-8"))
    files.append(File.generated(config, contract_page.SOURCE, content=text))
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Fill in the placeholders of a page.

    Raises:
        PluginError: A placeholder is unknown, or a finding has no section.
    """
    del config, files

    def filled(match: re.Match[str]) -> str:
        what, name = match["what"], match["name"]
        if what == "finding" and name in _examples():
            return examples.shown(_examples()[name])
        if what in _FIGURES and name is None:
            return _FIGURES[what]()
        raise PluginError(f"{page.file.src_path}: {match[0]}: unknown placeholder")

    made = _PLACEHOLDER.sub(filled, markdown)
    matches = _PLACEHOLDER.finditer(markdown)
    shown = {match["name"] for match in matches if match["what"] == "finding"}
    if shown and (left_out := _examples().keys() - shown):
        raise PluginError(f"{page.file.src_path}: missing sections: {', '.join(sorted(left_out))}")
    return made


@cache
def _contract() -> Contract:
    return load()


@cache
def _examples() -> Mapping[str, examples.Example]:
    return examples.examples(_contract())


@cache
def _mutants() -> Catalogue:
    return catalogue(_contract(), population(_contract()))


def _unused() -> str:
    """Return the keywords that the oracle checks and the contract does not use."""
    used = {rule.keyword for rule in _contract().rules}
    return ", ".join(f"`{keyword}`" for keyword in ASSERTIONS if keyword not in used)


def _score() -> str:
    """Return the outcome of every body mutant; `make mutants` also runs the second validator."""
    contract, mutants = _contract(), _mutants()
    find = Oracle(contract).findings_of_body
    outcomes = list(score(mutants.bodies.values(), find, lambda *_: True))
    result = matrix.Score(outcomes, unbroken(contract, mutants.bodies), len(contract.rules))
    return matrix.markdown(result).partition("\n\n")[2]


def _http_mutants() -> str:
    lines = ["| mutant | what it breaks | what a run reports |", "| --- | --- | --- |"]
    for name, mutant in _mutants().http.items():
        reported = [f"`{expected.keyword}`" for expected in mutant.expected]
        reported += [f"inconclusive: {mutant.reason}"] if mutant.reason else []
        reported += [f"a warning: {mutant.warning}"] if mutant.warning else []
        lines.append(f"| `{name}` | {mutant.rule} | {', '.join(reported)} |")
    return "\n".join(lines)


_FIGURES: Mapping[str, Callable[[], str]] = {
    "contract": lambda: contract_page.page(_contract()),
    "version": lambda: _contract().version,
    "sha256": lambda: _contract().document.sha256,
    "rules": lambda: str(len(_contract().rules)),
    "body-mutants": lambda: f"{len(_mutants().bodies):,}",
    "http-mutants": lambda: str(len(_mutants().http)),
    "http-mutants-table": _http_mutants,
    "models": lambda: models_page.page(ROOT / "generated"),
    "score": _score,
    "unused-keywords": _unused,
}
