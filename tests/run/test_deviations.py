"""Accepted findings are shown and do not decide; a faulty entry is reported."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from contract_tests.oracle import deviations
from scripts.drift import command
from tests.kinds import AT_COUNT, TOO_FEW
from tests.run.runs import FIRST, JOBS, run
from tests.server import TOKEN, honest, serve

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

LOAD = deviations.load  # before a test replaces it
TODAY = datetime.now(UTC).date()
ENTRY = """
  - location: {location}
    keyword: {keyword}
    reason: Known since the move.
    expires: {expires}
"""


def listed(tmp_path: Path, *entries: tuple[str, str, int]) -> deviations.Deviations:
    """Return the deviations of a file with entries: location, keyword, days until expiry."""
    path = tmp_path / "deviations.yaml"
    texts = [
        ENTRY.format(location=location, keyword=keyword, expires=TODAY + timedelta(days=days))
        for location, keyword, days in entries
    ]
    path.write_text("drift:" + "".join(texts), encoding="utf-8")
    return deviations.load(path)


def test_accepted_finding_is_shown_and_does_not_decide(tmp_path: Path) -> None:
    """It has the reason of the entry, and the run is clean."""
    accepted = listed(tmp_path, (AT_COUNT, "minimum", 30))

    with serve(honest({FIRST: {**JOBS[FIRST], **TOO_FEW}})) as server:
        result = run(server.url, [FIRST], deviations=accepted)

    assert result.verdict == "clean"
    assert [finding.deviation for finding in result.findings] == ["Known since the move."]
    assert result.warnings == ()


def test_another_finding_still_decides(tmp_path: Path) -> None:
    """An entry covers its own location and keyword only."""
    accepted = listed(tmp_path, (AT_COUNT, "minimum", 30))

    with serve(honest({FIRST: {**JOBS[FIRST], **TOO_FEW, "novel": 1}})) as server:
        result = run(server.url, [FIRST], deviations=accepted)

    assert result.verdict == "drift"
    assert [finding.deviation is None for finding in result.findings] == [
        finding.location != AT_COUNT for finding in result.findings
    ]


def test_expired_entry_covers_nothing_and_is_reported(tmp_path: Path) -> None:
    """After its last day, the finding decides again."""
    expired = listed(tmp_path, (AT_COUNT, "minimum", -999))

    with serve(honest({FIRST: {**JOBS[FIRST], **TOO_FEW}})) as server:
        result = run(server.url, [FIRST], deviations=expired)

    assert result.verdict == "drift"
    assert ["expired" in warning for warning in result.warnings] == [True]


def test_entry_that_matches_nothing_is_reported(tmp_path: Path) -> None:
    """The run is clean, with a warning."""
    unused = listed(tmp_path, ("/nowhere", "enum", 30))

    with serve(honest(JOBS)) as server:
        result = run(server.url, deviations=unused)

    assert result.verdict == "clean"
    assert ["/nowhere" in warning for warning in result.warnings] == [True]


def test_malformed_file_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is never ignored: exit 2 with one line; nothing is sent or written."""
    path = tmp_path / "deviations.yaml"
    path.write_text("drift: [{location: /gpu}]", encoding="utf-8")
    monkeypatch.setattr(deviations, "load", lambda *_: LOAD(path))
    monkeypatch.setattr("scripts.generate.command.main", lambda _: 0)
    monkeypatch.setenv("QOVERY_API_TOKEN", TOKEN)

    with serve(honest(JOBS)) as server:
        arguments = ["--base-url", server.url, "--job-id", FIRST]
        status = command.main([*arguments, "--report-dir", str(tmp_path / "reports")])

    assert status == 2
    assert "deviations.yaml:1" in capsys.readouterr().err
    assert server.requests == []
    assert not (tmp_path / "reports").exists()
