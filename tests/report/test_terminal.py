"""The report at the terminal: nobody's markup but ours, and lines that grep can take."""

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
    terminal.render(
        run,
        runs.CONTRACT,
        Console(file=out, force_terminal=is_terminal, width=width),
    )
    return out.getvalue()


@pytest.mark.parametrize("is_terminal", [True, False])
def test_a_servers_escapes_never_reach_the_terminal(*, is_terminal: bool) -> None:
    """A title set, a colour left on or a bell rung would be the server's doing."""
    printed = _printed(is_terminal=is_terminal)

    assert "\x1b]" not in printed
    assert "\x07" not in printed
    assert "[bold red]" in printed


def test_where_no_terminal_is_each_fact_is_one_line() -> None:
    """Logs are read by grep: nothing is wrapped, boxed or coloured."""
    printed = _printed(is_terminal=False)

    assert "\x1b" not in printed
    assert "│" not in printed
    assert [line.partition(":")[0] for line in printed.splitlines()[-5:]] == [
        '  curl -sS -H "Authorization',
        "accepted",
        "warning",
        "https",
        "drift",
    ]
