"""What people see of the mock server: the page at `/`, and the lines it prints when it is ready."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from contract_tests.instances.population import encode
from contract_tests.spec.security import schemes

if TYPE_CHECKING:
    from collections.abc import Iterable

    from contract_tests.instances.population import Population
    from contract_tests.spec.contract import Contract

_EACH = 2  # ids of each variant that the terminal shows; the page shows all

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
<p>Made-up jobs, served as <a href="/openapi.json">the contract</a>, version {version}, says that
a server must. Each answer needs a credential; any well-formed one does, but for those that say
<code>invalid</code>:</p>
<pre>{call}</pre>
<p>Served are {count} jobs:</p>
{variants}
<h2>Not served</h2>
<ul>
{others}
</ul>
</html>
"""


def page(contract: Contract, population: Population, url: str) -> str:
    """The page of the server at `url`, as HTML without anything from elsewhere."""
    groups = _by_variant(contract, population)
    first = next(iter(groups.values()))[0]
    others = [("403", identity) for identity in population.forbidden]
    others += [("404", identity) for identity in population.missing]
    return _PAGE.format(
        title=escape(contract.flat["info"]["title"]),
        version=escape(contract.version),
        count=len(population.jobs),
        call=escape(_call(contract, url, first)),
        variants="\n".join(
            f"<h2>{escape(name)}</h2>\n<ul>\n{_items(map(contract.path_of, ids))}\n</ul>"
            for name, ids in groups.items()
        ),
        others=_items(f"{status}: {contract.path_of(each)}" for status, each in others),
    )


def ready(contract: Contract, population: Population, url: str, mutant: str | None = None) -> str:
    """The lines that say where the server is, what is wrong with it, and what to ask it."""
    lines = [
        f"{contract.flat['info']['title']} {contract.version}: {len(population.jobs)} jobs",
        f"  {url}",
        *([f"  with the fault {mutant}"] if mutant else []),
    ]
    groups = _by_variant(contract, population)
    for name, ids in groups.items():
        lines += [f"  {name:<14} {identity}" for identity in ids[:_EACH]]
    lines += [f"  {'answers 403':<14} {identity}" for identity in population.forbidden[:1]]
    first = next(iter(groups.values()))[0]
    return "\n".join([*lines, "", _call(contract, url, first)])


def _call(contract: Contract, url: str, identity: str) -> str:
    headers = "".join(
        f' -H "{scheme.header}: {scheme.example}"' for scheme in schemes(contract)[:1]
    )
    return f'curl{headers} "{url}{contract.path_of(identity)}"'


def _by_variant(contract: Contract, population: Population) -> dict[str, list[str]]:
    """The ids of each variant, those first whose body is not the job: they have a fault."""
    groups: dict[str, list[str]] = {name: [] for name in contract.variants}
    for identity, name in population.variants.items():
        groups[name].append(identity)
    jobs, bodies = population.jobs, population.bodies
    return {
        name: sorted(ids, key=lambda identity: bodies[identity] == encode(jobs[identity]))
        for name, ids in groups.items()
    }


def _items(texts: Iterable[str]) -> str:
    return "\n".join(f"<li><code>{escape(text)}</code>" for text in texts)
