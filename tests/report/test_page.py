"""The HTML report in a real browser: what it shows, and that it loads nothing."""

from __future__ import annotations

import base64
import hashlib
import shutil
import subprocess
import threading
from contextlib import contextmanager
from html.parser import HTMLParser
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import pytest
from attrs import evolve

from contract_tests.run.result import Completeness, Coverage
from scripts.report import advice, chart, page
from scripts.report.history import entry_of
from tests.report import runs

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from contract_tests.run.result import Run

BROWSER = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("chrome")
in_a_browser = pytest.mark.skipif(BROWSER is None, reason="chromium is not installed")
FLAGS = [
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync", "--no-first-run", "--hide-scrollbars"),
]
DARK = ["--force-dark-mode", "--blink-settings=preferredColorScheme=0"]


def _rendered(run: Run) -> str:
    return page.render(runs.report(run))


def _browse(html: str, folder: Path, *more: str) -> str:
    """Open `html` in the browser; return the DOM."""
    assert BROWSER is not None
    (folder / "drift.html").write_text(html, encoding="utf-8")
    return subprocess.run(
        [
            *(BROWSER, *FLAGS, f"--user-data-dir={folder / 'profile'}", *more),
            (folder / "drift.html").as_uri(),
        ],
        check=True,
        capture_output=True,
        timeout=60,
        encoding="utf-8",
    ).stdout


class _Text(HTMLParser):
    """The text of each element of a DOM, with the elements and attributes that it has."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.words: list[str] = []
        self.tags: list[str] = []
        self.attributes: dict[str, list[str]] = {}
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        for name, value in attrs:
            self.attributes.setdefault(name, []).append(value or "")

    def handle_data(self, data: str) -> None:
        if self.tags[-1:] != ["style"]:
            self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())


@in_a_browser
def test_a_browser_shows_the_whole_run(tmp_path: Path) -> None:
    """Verdict, completeness, each fact with what to do, coverage, jobs, warnings and history."""
    shown = _Text(_browse(_rendered(runs.drifting()), tmp_path, "--dump-dom")).text

    for words in (
        "Drift 4 facts in 2 of 3 jobs. Checked 2 of 3 jobs, 2 of 2 probes, coverage 33%",
        "/binding/kind additive violation /binding/kind is 'LEATHER'",
        "Impact decodes with loss: the client returns the job",
        "What to do Add the member to the contract",
        "docs/findings.md#enum",
        'Expected "PAPER", "CLOTH" Seen "LEATHER" First seen 2026-05-04 03:17 UTC',
        "enum tests/report/shelf.yaml, line 51",
        f"Jobs affected 1 job (Novel) {runs.NOVEL}",
        f'curl -sS -H "Authorization: Token $QOVERY_API_TOKEN" https://shelf.example/book/{runs.NOVEL}',
        "/binding/ribbon additive addition",
        "Accepted: the archive sends old books without it until June",
        f"Warnings 1 {runs.GONE} has the status 404",
        "Flaky 1",
        "Coverage 1 of 3 rules, 3 injected faults found",
        "Atlas 0 / 1",
        "History 1 run",
    ):
        assert words in shown


@in_a_browser
@pytest.mark.parametrize(
    ("dark", "background"), [([], "rgb(246, 246, 243)"), (DARK, "rgb(18, 21, 25)")]
)
def test_the_policy_allows_the_style_in_light_and_dark(
    tmp_path: Path, dark: list[str], background: str
) -> None:
    """The browser computes the background of the style sheet."""
    probe = "document.title = getComputedStyle(document.body).backgroundColor"
    digest = base64.b64encode(hashlib.sha256(probe.encode()).digest()).decode()
    html = _rendered(runs.drifting()).replace(
        "style-src", f"script-src 'sha256-{digest}'; style-src"
    )

    dom = _browse(html + f"<script>{probe}</script>", tmp_path, "--dump-dom", *dark)

    assert f"<title>{background}</title>" in dom


@in_a_browser
def test_text_from_a_server_runs_and_loads_nothing(tmp_path: Path) -> None:
    """It stays text wherever it is shown, and the page sends no request."""
    with _recording() as (address, requested):
        attack = (
            f"</script></style></title><script src='{address}/a.js'></script>"
            f"<img src='{address}/i.png' onerror='document.title=1'>"
            f'"\' onmouseover=x style="background:url({address}/s)" \u202e\x00\x1b{{{{ 7*7 }}}}'
        )
        found = runs.finding(
            location="/" + attack,
            keyword=attack,
            seen=attack,
            expected=[attack],
            message=attack,
            job_id=attack,
            variant=attack,
            reproduce=attack,
            rule=None,
        )
        run = runs.run(
            verdict="drift",
            target=attack,
            findings=(found, runs.finding(deviation=attack)),
            flaky=(found,),
            warnings=(attack,),
            contract_version=attack,
        )
        html = _rendered(run)
        dom = _Text(_browse(html, tmp_path, "--dump-dom"))

    assert requested == []
    assert not {"script", "img", "link", "iframe"} & set(dom.tags)
    assert not {name for name in dom.attributes if name.startswith("on") or name == "src"}
    assert "style" not in dom.attributes
    assert "{{ 7*7 }}" in dom.text
    assert "\u202e" not in html


@in_a_browser
def test_the_policy_alone_stops_an_attack(tmp_path: Path) -> None:
    """Even if the escaping failed, nothing would run or be loaded."""
    with _recording() as (address, requested):
        attack = (
            f"<script>document.title='owned'</script><script src='{address}/a.js'></script>"
            f"<img src='{address}/i.png' onerror=\"document.title='owned'\">"
            f"<style>@import '{address}/x.css';</style><iframe src='{address}/f'></iframe></main>"
        )
        dom = _browse(_rendered(runs.run()).replace("</main>", attack), tmp_path, "--dump-dom")

    assert requested == []
    assert "<title>owned</title>" not in dom


def test_the_page_refers_to_nothing_outside() -> None:
    """No script, no font and no picture; the only links lead to the documentation."""
    document = _Text(_rendered(runs.drifting()))

    assert not {"script", "link", "img"} & set(document.tags)
    assert "src" not in document.attributes
    assert {href.partition("#")[0] for href in document.attributes["href"]} == {
        advice.link("docs/findings.md"),
        advice.link("docs/reports.md"),
    }


def test_a_run_over_very_many_jobs_is_a_page_of_modest_size() -> None:
    """Thousands of jobs with the same fact are one card, and the table is bounded."""
    assert len(_rendered(runs.large(5000))) < 400_000


@pytest.mark.parametrize("run", [runs.inconclusive(), runs.partial()], ids=["none", "some"])
def test_an_incomplete_run_says_why_before_anything_else(run: Run) -> None:
    """The reason comes first; the list of facts may be incomplete."""
    shown = _Text(_rendered(run)).text

    assert run.reason is not None
    assert shown.index(run.reason) < shown.index("Facts")
    assert "Checked 1 of 2 jobs" in shown or "None in what could be checked" in shown


def test_a_run_that_observed_nothing_can_be_shown() -> None:
    """Without a job, a rule or a request there is still a page."""
    empty = runs.run(
        verdict="inconclusive",
        reason="no known job id; give one with --job-id",
        jobs=(),
        completeness=Completeness(0, 0, 0, 0),
        coverage=Coverage(),
        requests=0,
    )

    shown = _Text(_rendered(empty)).text

    assert "no known job id; give one with --job-id" in shown
    assert "No job was observed" in shown


def test_the_trend_has_gaps_where_nothing_was_checked() -> None:
    """A night without a result is not a night without facts, and its coverage is not zero."""
    drift = entry_of(runs.report(runs.drifting()))
    nothing = entry_of(runs.report(runs.inconclusive()))

    drawing = chart.draw([drift, drift, nothing, evolve(drift, breaking=6), drift])

    assert [len(bar.segments) for bar in drawing.bars] == [3, 3, 0, 3, 3]
    assert [len(line) for line in drawing.coverage] == [2, 2]
    assert [number for _, number in drawing.ticks] == [0, 5, 10]
    assert [segment.series for segment in drawing.bars[0].segments] == [
        "breaking",
        "additive",
        "flaky",
    ]


@in_a_browser
@pytest.mark.parametrize("width", [390, 1400])
def test_nothing_is_wider_than_the_window(tmp_path: Path, width: int) -> None:
    """On a phone and on a desk: no box, table or label of the chart is cut."""
    probe = (
        "document.title = [...document.querySelectorAll('body *')].filter(e => {"
        "const box = e.getBoundingClientRect(), svg = e.ownerSVGElement?.getBoundingClientRect();"
        f"return !e.closest('details') && (box.right > {width} + 0.5"
        " || e.matches('.scroll') && e.scrollWidth > e.clientWidth"
        " || svg && box.width && (box.right > svg.right + 0.5 || box.top < svg.top - 0.5));"
        "}).map(e => e.outerHTML.slice(0, 80)).join() || 'fits'"
    )
    digest = base64.b64encode(hashlib.sha256(probe.encode()).digest()).decode()
    html = _rendered(runs.drifting()).replace(
        "style-src", f"script-src 'sha256-{digest}'; style-src"
    )
    # A headless window is at least 500 pixels wide, so a frame has the width instead.
    frame = tmp_path / "frame.html"
    frame.write_text(html + f"<script>{probe}</script>", encoding="utf-8")
    outer = f"<iframe id=f width={width} height=3000 src={frame.as_uri()}></iframe>"

    dom = _browse(
        outer + "<script>f.onload = () => document.title = f.contentDocument.title</script>",
        tmp_path,
        *("--dump-dom", "--allow-file-access-from-files", "--virtual-time-budget=2000"),
    )

    assert "<title>fits</title>" in dom


@contextmanager
def _recording() -> Iterator[tuple[str, list[str]]]:
    """Yield the address of a server on loopback, and the paths requested from it."""
    requested: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            requested.append(self.path)
            self.send_error(404)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}", requested
        server.shutdown()
