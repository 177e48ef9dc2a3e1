"""The tables and the picture of a run."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest

from benchmarks.contest import Absent, Contest, Contestant, Goal, Table, hold
from benchmarks.report import TIMES, Report, Section, as_json, figure, markdown, times
from benchmarks.snapshot import BEGIN, END, SnapshotError, write_snapshot

if TYPE_CHECKING:
    from pathlib import Path

SVG = "{http://www.w3.org/2000/svg}"


def report() -> Report:
    """A run with one goal met, one missed, and one peer that could not be had."""
    contest = Contest(
        "Read & write",
        "s",
        [
            Contestant("peer <1>", lambda: 30e-6),
            Contestant("ours", lambda: 10e-6),
            Absent("other", "java is not on this machine"),
        ],
        [
            Goal("ours", "peer <1>", 2.0, "faster"),
            Goal("ours", None, 8e-6, "share", "What is left is the system's own clock."),
            Goal("ours", "other", 1.0, "faster"),
        ],
        pictured=True,
    )
    table = Table("By family", ("family", "ours"), (("type", "100%"),))
    section = Section("row", "A row", (hold(contest, 3), table))
    broken = Section("next", "Another row", (), "the server did not start")
    return Report((section, broken), {"Python": "3.11"}, {"httpx": "0.28.1"})


def test_markdown_says_what_is_met_and_by_how_much_the_rest_is_missed() -> None:
    """Each goal has a line, and one that is missed the reason for its limit."""
    text = markdown(report())

    reached = f"3.00{TIMES} (3.00{TIMES} to 3.00{TIMES})"
    assert f"| ours: at least 2{TIMES} as fast as peer <1> | {reached} | met |" in text
    assert "| ours: at most 8.00 µs | 10.0 µs (10.0 µs to 10.0 µs) | **missed by 25 %** |" in text
    assert "| ours: faster than other | not measured | - |" in text
    assert "**Read & write.** What is left is the system's own clock." in text


def test_markdown_names_whoever_is_missing_and_why() -> None:
    """Neither a peer nor a row disappears silently."""
    text = markdown(report())

    assert "- other: not measured: java is not on this machine" in text
    assert "Broke off: the server did not start" in text


def test_json_holds_every_value_and_goal() -> None:
    """Programs find the value of each round, and each goal with its outcome."""
    data = json.loads(json.dumps(as_json(report())))

    (scores,) = [result["scores"] for result in data["sections"][0]["results"][:1]]
    assert [score["values"] for score in scores] == [[30e-6] * 3, [10e-6] * 3]
    assert [goal["met"] for goal in data["goals"]] == [True, False, False]


@pytest.mark.parametrize(
    ("ratio", "text"), [(197.44, "197"), (1.0, "1.00"), (0.22, "0.22"), (0.00312, "0.0031")]
)
def test_ratio_has_the_digits_that_say_something(ratio: float, text: str) -> None:
    """A small ratio is not rounded to nothing, a large one not to fractions."""
    assert times(ratio) == text + TIMES


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (1.234, "s", "1.23 s"),
        (0.0456, "s", "45.6 ms"),
        (123.4e-6, "s", "123 µs"),
        (456e-9, "s", "456 ns"),
        (21_289.4, "requests/s", "21,289 requests/s"),
        (36.66, "MB", "36.7 MB"),
    ],
)
def test_figure_has_three_digits_and_a_unit(value: float, unit: str, text: str) -> None:
    """Nobody is told more digits than were measured."""
    assert figure(value, unit) == text  # type: ignore[arg-type]


def test_snapshot_replaces_the_figures_and_nothing_else(tmp_path: Path) -> None:
    """What is written by hand stays, and a second snapshot is like the first."""
    page = tmp_path / "benchmarks.md"
    page.write_text(f"# By hand\n\n{BEGIN}\nold\n{END}\nAfter it.\n", "utf-8")

    write_snapshot(report(), tmp_path)
    first = page.read_text("utf-8")
    write_snapshot(report(), tmp_path)

    assert first.startswith(f"# By hand\n\n{BEGIN}\n\n## Goals")
    assert first.endswith(f"{END}\nAfter it.\n")
    assert "old" not in first
    assert page.read_text("utf-8") == first


def test_page_without_a_place_for_figures_stays_as_it_is(tmp_path: Path) -> None:
    """A page without the two marks is refused before anything is written."""
    page = tmp_path / "benchmarks.md"
    page.write_text("# By hand\n", "utf-8")

    with pytest.raises(SnapshotError, match="no figures to replace"):
        write_snapshot(report(), tmp_path)

    assert page.read_text("utf-8") == "# By hand\n"
    assert list(tmp_path.iterdir()) == [page]


def test_picture_shows_each_contestant_as_long_as_its_value(tmp_path: Path) -> None:
    """The bars stand to each other as the values do, ours in another colour."""
    (tmp_path / "benchmarks.md").write_text(f"{BEGIN}{END}", "utf-8")

    write_snapshot(report(), tmp_path)

    picture = ET.parse(tmp_path / "benchmarks.svg").getroot()
    bars = [bar for bar in picture.iter(f"{SVG}rect") if "bar" in bar.get("class", "")]
    texts = [text.text for text in picture.iter(f"{SVG}text")]
    lengths = [float(bar.get("width", 0)) for bar in bars]
    assert [bar.get("class") for bar in bars] == ["bar", "bar ours"]
    assert lengths[0] == pytest.approx(3 * lengths[1], rel=0.01)
    assert {"Read & write", "peer <1>", "ours", "30.0 µs", "10.0 µs"} <= set(texts)
