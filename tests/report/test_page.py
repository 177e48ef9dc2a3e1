"""The HTML report in a real browser: what a person sees, and that nothing leaves the page."""

from __future__ import annotations

import base64
import hashlib
import io
import shutil
import subprocess
import threading
from contextlib import contextmanager
from html.parser import HTMLParser
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import pytest

from contract_tests.run.result import Coverage
from scripts.report import page
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
    out = io.StringIO()
    page.render(run, runs.CONTRACT, [entry_of(run)], out)
    return out.getvalue()


def _browse(html: str, folder: Path, *more: str) -> str:
    """Open `html` in the browser; the DOM that it made of it."""
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
    """Verdict, each finding's facts, evidence, jobs, notes and history are on the page."""
    shown = _Text(_browse(_rendered(runs.drifting()), tmp_path, "--dump-dom")).text

    for words in (
        "Drift 5 findings in 2 of 3 known jobs.",
        "/binding/kind additive violation decodes with loss",
        'Expected "PAPER", "CLOTH" Seen "LEATHER"',
        "enum openapi/job.yaml, line 51",
        f'curl -sS -H "Authorization: Token $QOVERY_API_TOKEN" https://shelf.example/book/{runs.NOVEL}',
        "/binding/ribbon additive addition harmless",
        "Accepted: the archive sends old books without it until June",
        f"warning {runs.GONE} answered 404",
        "flaky /pages is null; expected integer",
        "Evidence 1 of 3 rules",
        "Atlas 0 / 1",
        "Past runs 1",
    ):
        assert words in shown


@in_a_browser
@pytest.mark.parametrize(
    ("dark", "background"), [([], "rgb(246, 246, 243)"), (DARK, "rgb(18, 21, 25)")]
)
def test_the_style_gets_past_the_policy_in_light_and_dark(
    tmp_path: Path, dark: list[str], background: str
) -> None:
    """The background that the browser computes is the one that the style asks for."""
    probe = "document.title = getComputedStyle(document.body).backgroundColor"
    digest = base64.b64encode(hashlib.sha256(probe.encode()).digest()).decode()
    html = _rendered(runs.drifting()).replace(
        "style-src", f"script-src 'sha256-{digest}'; style-src"
    )

    dom = _browse(html + f"<script>{probe}</script>", tmp_path, "--dump-dom", *dark)

    assert f"<title>{background}</title>" in dom


@in_a_browser
def test_a_hostile_server_can_neither_run_nor_load_anything(tmp_path: Path) -> None:
    """Its text stays text, in every place that shows some, and no request leaves the page."""
    with _recording() as (address, asked):
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

    assert asked == []
    assert not {"script", "img", "link", "iframe"} & set(dom.tags)
    assert not {name for name in dom.attributes if name.startswith("on") or name == "src"}
    assert "style" not in dom.attributes
    assert "{{ 7*7 }}" in dom.text
    assert "\u202e" not in html


@in_a_browser
def test_the_policy_alone_would_stop_an_attack(tmp_path: Path) -> None:
    """Were the escaping to fail one day, still nothing would run and nothing be asked for."""
    with _recording() as (address, asked):
        attack = (
            f"<script>document.title='owned'</script><script src='{address}/a.js'></script>"
            f"<img src='{address}/i.png' onerror=\"document.title='owned'\">"
            f"<style>@import '{address}/x.css';</style><iframe src='{address}/f'></iframe></main>"
        )
        dom = _browse(_rendered(runs.run()).replace("</main>", attack), tmp_path, "--dump-dom")

    assert asked == []
    assert "<title>owned</title>" not in dom


def test_the_page_names_no_other_place() -> None:
    """No script, no font, no picture and no link from elsewhere."""
    document = _Text(_rendered(runs.run(target="shelf")))

    assert not {"script", "link", "img", "a"} & set(document.tags)
    assert not {"src", "href"} & document.attributes.keys()


def test_a_run_over_very_many_jobs_is_a_page_of_modest_size() -> None:
    """Thousands of jobs with the same finding are one card, and the table is bounded."""
    assert len(_rendered(runs.large(5000))) < 400_000


def test_a_run_that_observed_nothing_can_be_shown() -> None:
    """No job, no rule, no request: the page still says so."""
    empty = runs.run(
        verdict="inconclusive",
        reason="no known job id; give one with --job-id",
        jobs=(),
        coverage=Coverage((), ()),
        requests=0,
    )

    shown = _Text(_rendered(empty)).text

    assert "no known job id; give one with --job-id" in shown
    assert "No instance was observed" in shown


@contextmanager
def _recording() -> Iterator[tuple[str, list[str]]]:
    """A server on loopback, and each path that it was asked for."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_error(404)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}", asked
        server.shutdown()
