"""The built documentation: complete, current and self-contained."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from html.parser import HTMLParser
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

import pytest
from attrs import field, frozen

from contract_tests.instances.population import population
from contract_tests.mutants.catalogue import catalogue
from contract_tests.spec.contract import load
from scripts.docs import contract_page
from tests.docs.pages import ROOT

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("site")]

pytest.importorskip("mkdocs")

CONTRACT = load()
# Nothing listens here, so every download fails.
NOWHERE = "http://127.0.0.1:9"


class Parser(HTMLParser):
    """The anchors of a page, its links, and the files that a browser loads for it."""

    def __init__(self) -> None:
        super().__init__()
        self.ids: set[str] = set()
        self.links: list[str] = []
        self.loaded: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Record the attributes of a tag."""
        given = {key: value or "" for key, value in attrs}
        self.ids |= {given[key] for key in ("id", "name") if key in given}
        if tag == "a" and "href" in given:
            self.links.append(given["href"])
        elif tag == "link":
            self.loaded += [given["href"]] if given.get("rel") != "canonical" else []
        elif "src" in given:
            self.loaded.append(given["src"])


@frozen
class Built:
    """The site.

    Attributes:
        folder: Its folder.
        output: The output of the build.
        pages: Its pages.
    """

    folder: Path
    output: str
    pages: Mapping[Path, Parser] = field(repr=False)

    def text(self, name: str) -> str:
        """Return the HTML of a page."""
        return (self.folder / name).read_text("utf-8")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """The site, built from this tree without a network."""
    folder = tmp_path_factory.mktemp("site")
    proxies = {f"{kind}_proxy": NOWHERE for kind in ("http", "https", "all")}
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", folder],
        cwd=ROOT,
        env={
            **os.environ,
            **proxies,
            "no_proxy": "127.0.0.1",
            "NO_MKDOCS_2_WARNING": "1",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    pages = {}
    for path in folder.rglob("*.html"):
        pages[path] = Parser()
        pages[path].feed(path.read_text("utf-8"))
    return Built(folder, done.stdout + done.stderr, pages)


def test_build_has_no_warnings(site: Built) -> None:
    """`mkdocs build --strict` prints nothing but information."""
    printed = [line for line in site.output.splitlines() if not line.startswith("INFO")]

    assert [line for line in printed if line.strip()] == []


def test_internal_links_are_valid(site: Built) -> None:
    """Each leads to a file, and to an anchor in it."""
    broken = []
    count = 0
    for page, parsed in site.pages.items():
        if page.name == "404.html":  # its links are from the root of a host
            continue
        for link in parsed.links:
            parts = urlsplit(link)
            if parts.scheme or parts.netloc:
                continue
            count += 1
            target = (page.parent / unquote(parts.path)).resolve() if parts.path else page
            target = target / "index.html" if target.is_dir() else target
            there = target.exists()
            if there and parts.fragment and target in site.pages:
                there = unquote(parts.fragment) in site.pages[target].ids
            if not there:
                broken.append(f"{page.relative_to(site.folder)}: {link}")

    assert count > 1000
    assert broken == []


def test_site_is_self_contained(site: Built) -> None:
    """No font, script, style or image is loaded from another host."""
    loaded = {address for parsed in site.pages.values() for address in parsed.loaded}
    styles = "".join(path.read_text("utf-8") for path in site.folder.rglob("*.css"))

    assert loaded
    assert [address for address in loaded if urlsplit(address).netloc] == []
    assert re.findall(r"url\(['\"]?(?:https?:)?//[^)]*\)", styles) == []


def test_every_rule_of_the_contract_links_to_its_line(site: Built) -> None:
    """The page of the contract lists every rule."""
    source = site.pages[site.folder / "job-yaml.html"].ids
    links = set(site.pages[site.folder / "contract.html"].links)

    lines = {CONTRACT.line(rule) for rule in CONTRACT.rules}

    assert {f"__codelineno-0-{line}" for line in lines} <= source
    assert [
        line for line in sorted(lines) if f"job-yaml.html#__codelineno-0-{line}" not in links
    ] == []


def test_values_are_shown_as_json() -> None:
    """0 is not false, although they are equal in Python; null is not None."""
    page = contract_page.page(CONTRACT)

    assert re.search(r"^\| `gpu` .*\[minimum `0`\].*default: `0`", page, re.MULTILINE)
    assert re.search(r"^\| `port` .*default: `null`", page, re.MULTILINE)
    assert re.search(r"^\| `auto_preview` .*`boolean`", page, re.MULTILINE)


def test_lines_of_the_contract_are_numbered(site: Built) -> None:
    """The numbers are those of the file."""
    text = (ROOT / "openapi" / "job.yaml").read_text("utf-8")

    page = contract_page.source(CONTRACT, text)

    assert f"\n{text.rstrip()}\n```" in page
    assert f"__codelineno-0-{len(text.rstrip().splitlines())}" in site.text("job-yaml.html")


def test_every_finding_has_a_section(site: Built) -> None:
    """Each keyword that a mutant causes has a heading, and an example from a run."""
    every = catalogue(CONTRACT, population(CONTRACT))
    keywords = {
        expected.keyword
        for mutants in (every.bodies, every.http)
        for mutant in mutants.values()
        for expected in mutant.expected
    }
    page = site.folder / "findings.html"

    assert len(keywords) > 20
    assert {keyword.lower() for keyword in keywords} <= site.pages[page].ids
    for keyword in keywords:
        assert re.search(rf"keyword +{keyword}\n", site.text("findings.html")), keyword


def test_site_contains_no_local_path(site: Built) -> None:
    """Neither the pages nor the search index contain paths of the machine."""
    files = [*site.pages, site.folder / "search" / "search_index.json"]

    assert [path.name for path in files if str(ROOT) in path.read_text("utf-8")] == []


def test_every_placeholder_is_filled_in(site: Built) -> None:
    """No page shows a placeholder."""
    left = [str(page) for page in site.pages if re.search(r"\{\{ [a-z]", page.read_text("utf-8"))]

    assert left == []


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md", "SECURITY.md"])
def test_links_in_the_repository_are_valid(page: str) -> None:
    """Pages that are read in the repository link to files that exist."""
    text = (ROOT / page).read_text("utf-8")
    links = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", text)

    assert [link for link in links if not (ROOT / link).exists()] == []
