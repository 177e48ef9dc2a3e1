"""Markdown that is shown where other people's Markdown stands: a step summary, an issue."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from markdown_it import MarkdownIt

from scripts.report import markdown
from tests.report import runs

if TYPE_CHECKING:
    from contract_tests.run.result import Run

HOSTILE = "` `` | <img src=x onerror=alert(1)> [a](http://evil.example) @octocat #1\n\n# Title"


def _html(run: Run) -> str:
    out = io.StringIO()
    markdown.render(run, runs.CONTRACT, out)
    return str(MarkdownIt("commonmark", {"html": True}).enable("table").render(out.getvalue()))


def test_a_servers_text_marks_nothing_up() -> None:
    """It can neither load an image, link, open a heading, nor leave its cell."""
    html = _html(
        runs.run(
            verdict="drift",
            findings=(
                runs.finding(
                    location="/" + HOSTILE, seen=HOSTILE, reproduce=HOSTILE + "\n```\n<b>"
                ),
                runs.finding(keyword="format", expected="uuid", deviation=HOSTILE),
            ),
            warnings=(HOSTILE,),
        )
    )

    assert "<img" not in html
    assert "<a " not in html
    assert "<h1" not in html
    assert "<b>" not in html
    row = html.split("<tbody>")[2].split("</tr>")[0]
    assert row.count("<td>") == 7


def test_a_report_of_very_many_facts_fits_into_an_issue() -> None:
    """An issue holds 65,536 characters."""
    many = tuple(runs.finding(location=f"/p{number}" + "x" * 5000) for number in range(2000))
    out = io.StringIO()

    markdown.render(runs.run(verdict="drift", findings=many), runs.CONTRACT, out)

    assert len(out.getvalue()) < 60_000
    assert "1,950 more" in out.getvalue()
