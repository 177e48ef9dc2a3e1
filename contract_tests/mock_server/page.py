"""The page at `/` of the mock server, and the lines that it prints when it is ready."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from contract_tests.instances.population import encode
from contract_tests.spec.security import Place, schemes

if TYPE_CHECKING:
    from collections.abc import Iterable

    from contract_tests.instances.population import Population
    from contract_tests.spec.contract import Contract

_EACH = 2  # ids of each variant in the terminal; the page lists all

_PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>{title}: mock server</title>
<style>
body {{ max-width: 44rem; margin: 2rem auto; padding: 0 1rem; font: 1rem/1.5 sans-serif; }}
code, pre {{ font-family: ui-monospace, monospace; }}
pre {{ white-space: pre-wrap; overflow-wrap: anywhere; padding: .5rem; border: 1px solid; }}
ul {{ padding-left: 1.2rem; }}
</style>
<h1>{title}: mock server</h1>
<p>Generated data, served by version {version} of <a href="/openapi.json">the contract</a>. Send any
well-formed credential that does not contain <code>invalid</code>:</p>
<pre>{call}</pre>
<p>There are {count} jobs:</p>
{variants}
<h2>Errors</h2>
<ul>
{others}
</ul>
</html>
"""


def page(contract: Contract, population: Population, url: str) -> str:
    """Return the page of the server at `url`, as HTML without external resources."""
    groups = _by_variant(contract, population)
    others = [("403", job_id) for job_id in population.forbidden]
    others += [("404", job_id) for job_id in population.missing]
    return _PAGE.format(
        title=escape(contract.flat["info"]["title"]),
        version=escape(contract.version),
        count=len(population.jobs),
        call=escape(_call(contract, population, url)),
        variants="\n".join(
            f"<h2>{escape(name)}</h2>\n<ul>\n{_items(map(contract.path_of, ids))}\n</ul>"
            for name, ids in groups.items()
        ),
        others=_items(f"{status}: {contract.path_of(each)}" for status, each in others),
    )


def ready(contract: Contract, population: Population, url: str, mutant: str | None = None) -> str:
    """Return lines with the URL of the server, its mutant, and ids to request."""
    lines = [
        f"{contract.flat['info']['title']} {contract.version}: {len(population.jobs)} jobs",
        f"  {url}",
        *([f"  with the mutant {mutant}"] if mutant else []),
    ]
    for name, ids in _by_variant(contract, population).items():
        lines += [f"  {name:<14} {job_id}" for job_id in ids[:_EACH]]
    lines += [f"  {'status 403':<14} {job_id}" for job_id in population.forbidden[:1]]
    return "\n".join([*lines, "", _call(contract, population, url)])


def _call(contract: Contract, population: Population, url: str) -> str:
    """Return a command line for one of the jobs."""
    first = next(ids[0] for ids in _by_variant(contract, population).values() if ids)
    target, options = f"{url}{contract.path_of(first)}", ""
    for scheme in schemes(contract)[:1]:
        match scheme.place:
            case Place.HEADER:
                options = f' -H "{scheme.name}: {scheme.example}"'
            case Place.COOKIE:
                options = f' -b "{scheme.name}={scheme.example}"'
            case Place.QUERY:
                target += f"?{scheme.name}={scheme.example}"
    return f'curl{options} "{target}"'


def _by_variant(contract: Contract, population: Population) -> dict[str, list[str]]:
    """Return the ids of each variant, those with a fault in the body first."""
    groups: dict[str, list[str]] = {name: [] for name in contract.variants}
    for job_id, name in population.variants.items():
        groups[name].append(job_id)
    jobs, bodies = population.jobs, population.bodies
    return {
        name: sorted(ids, key=lambda job_id: bodies[job_id] == encode(jobs[job_id]))
        for name, ids in groups.items()
    }


def _items(texts: Iterable[str]) -> str:
    return "\n".join(f"<li><code>{escape(text)}</code>" for text in texts)
