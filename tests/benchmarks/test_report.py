"""The tables and the chart of a run."""

# ruff: noqa: RUF001 - ratios are written with a multiplication sign

from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest

from benchmarks.measure import Goal, Row
from benchmarks.report import chart, figure, markdown, summary, times

ROWS = (
    Row(
        "Read & write",
        "s",
        {"peer <1>": [30e-6], "ours": [10e-6], "quick peer": [5e-6]},
        skipped={"other": "java is not installed"},
        goals=(Goal("ours", 2.0, "peer <1>"), Goal("ours", 8e-6, None, "at most")),
        charted=True,
    ),
)


def test_markdown_lists_goals_figures_and_skipped_peers() -> None:
    """Missed goals and missing peers are shown."""
    text = markdown(ROWS, {"Python": "3.11"})

    assert "| ours: at least 2× as fast as peer <1> | 3.00× (3.00× to 3.00×) | met |" in text
    assert "| ours: at most 8.00 µs | 10.0 µs (10.0 µs to 10.0 µs) | **missed** |" in text
    assert "Not measured: other (java is not installed)." in text
    assert "- Python: 3.11" in text


def test_summary_shows_the_best_and_the_worst_ratio() -> None:
    """The README does not select flattering figures."""
    text = summary(ROWS)

    assert "| Read & write | 3.00× peer <1> | 0.50× quick peer |" in text
    assert "| Read & write | ours: at most 8.00 µs | 10.0 µs (10.0 µs to 10.0 µs) |" in text


def test_chart_has_bars_in_proportion() -> None:
    """The length of a bar follows from its value."""
    picture = ET.fromstring(chart(ROWS))

    bars = [each for each in picture.iter() if "bar" in each.get("class", "").split()]
    lengths = [float(bar.get("width", 0)) for bar in bars]
    assert lengths[0] == pytest.approx(3 * lengths[1], rel=0.01)
    assert [bar.get("class") for bar in bars] == ["bar", "bar ours", "bar"]


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
def test_figure_is_rounded_to_three_digits(value: float, unit: str, text: str) -> None:
    """No digit is shown that was not measured."""
    assert figure(value, unit) == text
    assert times(197.44) == "197×"
