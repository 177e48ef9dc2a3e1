"""Markdown for a step summary or an issue: bounded, and safe whatever a server sent."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from markdown_it import MarkdownIt

from scripts.report import markdown
from tests.report import runs

if TYPE_CHECKING:
    from contract_tests.run.result import Run

HOSTILE = (
    "` `` | <img src=x onerror=alert(1)> [a](http://evil.example) @octocat #1 &#64;octocat "
    "www.evil.example\n\n# Title"
)


def _html(run: Run) -> str:
    text = markdown.render(runs.report(run))
    return str(MarkdownIt("commonmark", {"html": True}).render(text))


def test_text_from_a_server_has_no_markup() -> None:
    """It can't load an image, link, open a heading or leave its code span."""
    html = _html(
        runs.run(
            verdict="drift",
            findings=(
                runs.finding(
                    location="/" + HOSTILE, seen=HOSTILE, reproduce=HOSTILE + "\n```\n<b>"
                ),
                runs.finding(keyword="pattern", deviation=HOSTILE),
            ),
            warnings=(HOSTILE,),
        )
    )

    assert "<img" not in html
    assert 'evil.example"' not in html
    assert "<h1" not in html
    assert "<b>" not in html
    assert "<pre" not in html


def test_prose_is_no_link_without_markup() -> None:
    """GitHub links mentions, references and addresses, also where an entity spells them."""
    html = MarkdownIt("commonmark").render(markdown.prose(HOSTILE))

    assert not re.search(r"@octocat|#1|#64|://|www\.", html)


def test_ten_thousand_facts_are_cut_to_what_an_issue_holds() -> None:
    """The report states how many are left out, and where they are."""
    many = tuple(
        runs.finding(location=f"/p{n}" + "é" * 5000, message=f"/p{n}") for n in range(10_000)
    )
    run = runs.run(verdict="drift", findings=many, flaky=many, warnings=("x" * 600,) * 50)

    text = markdown.render(runs.report(run))

    assert len(text.encode()) <= 60_000
    shown = text.count("additive: `")
    assert f"**{10_000 - shown:,} more facts left out here**" in text
    assert re.search(r"- … and 9,\d{3} more", text)


def test_a_fact_has_what_one_needs_at_night() -> None:
    """Message, impact, what to do with a link, first seen, jobs affected, and how to reproduce."""
    text = markdown.render(runs.report(runs.large(20)))

    for words in (
        "1 fact in 20 of 20 jobs",
        "`/binding/kind is 'LEATHER'; expected one of PAPER, CLOTH`",
        "**Impact:** decodes with loss",
        "**What to do:** Add the member to the contract",
        "/blob/main/docs/findings.md#enum)",
        "**First seen:** 2026-05-04",
        "**Jobs affected:** 20 of 20, `Novel`",
        "Reproduce: `curl",
    ):
        assert words in text
