"""The report at the terminal: no markup from a server, and lines for grep."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from scripts.report import terminal
from tests.report import runs


def _printed(*, is_terminal: bool, width: int = 80) -> str:
    hostile = "[bold red]\x1b]0;owned\x07[/nope]" + "y" * 200
    run = runs.run(
        verdict="drift",
        findings=(
            runs.finding(location="/" + hostile, seen=hostile, message=hostile, job_id=hostile),
            runs.finding(deviation=hostile),
        ),
        warnings=(hostile,),
    )
    out = io.StringIO()
    terminal.render(runs.report(run), Console(file=out, force_terminal=is_terminal, width=width))
    return out.getvalue()


@pytest.mark.parametrize("is_terminal", [True, False])
def test_escapes_of_a_server_never_reach_the_terminal(*, is_terminal: bool) -> None:
    """They could set a title, a color or ring the bell."""
    printed = _printed(is_terminal=is_terminal)

    assert "\x1b]" not in printed
    assert "\x07" not in printed
    assert "[bold red]" in printed


def test_without_a_terminal_nothing_is_wrapped() -> None:
    """Logs are read with grep: no boxes and no colors."""
    printed = _printed(is_terminal=False)

    assert "\x1b" not in printed
    assert "│" not in printed
    assert [line.partition(":")[0] for line in printed.splitlines()] == [
        "additive",
        "  impact",
        "  what to do",
        '  curl -sS -H "Authorization',
        "accepted",
        "warning",
        "https",
        "drift",
    ]


@pytest.mark.parametrize("is_terminal", [True, False])
def test_facts_are_capped(*, is_terminal: bool) -> None:
    """The rest is in the files."""
    many = tuple(
        runs.finding(location=f"/p{number}", message=f"p{number}.") for number in range(99)
    )
    out = io.StringIO()
    run = runs.run(verdict="drift", findings=many, flaky=many)

    terminal.render(runs.report(run), Console(file=out, force_terminal=is_terminal, width=80))

    assert "… 59 more facts in drift.json and drift.html" in out.getvalue()
    assert "flaky: … 89 more" in out.getvalue()
    assert "p40" not in out.getvalue()
