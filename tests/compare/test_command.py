"""`python -m scripts.compare`: what it prints in each format, and the status it ends with."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from contract_tests.spec.contract import PATH
from contract_tests.spec.document import read
from scripts.compare.__main__ import main
from tests.compare.documents import as_a_vendor_writes, names_in
from tests.compare.test_known_faults import FAULTS

if TYPE_CHECKING:
    from pathlib import Path

    from contract_tests.spec.values import Json

HOSTILE = "a`|<script>alert(1)</script>\x1b[2J\u202e\n__import__('os').system('id')\"\"\"{{ 7*7 }}"


@pytest.fixture
def vendor(tmp_path: Path) -> Path:
    """A document with the vendor's faults."""
    return written(tmp_path, as_a_vendor_writes(read(PATH).data))


def written(folder: Path, data: Json) -> Path:
    """`data` as a file."""
    path = folder / "vendor.json"
    path.write_text(json.dumps(data, indent=1), encoding="utf-8")
    return path


def changed(folder: Path) -> Path:
    """A document that also has a hostile new property and a hostile new member."""
    data = as_a_vendor_writes(read(PATH).data)
    schemas = data["components"]["schemas"]
    schemas["TheirJobBase"]["properties"][HOSTILE] = {"type": "string", "description": HOSTILE}
    schemas["TheirServiceType"]["enum"].append(HOSTILE)
    schemas["TheirServiceType"]["description"] = HOSTILE
    return written(folder, data)


def test_known_faults_are_clean(vendor: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What the deviations cover is shown with its reason, and decides nothing."""
    status = main([str(vendor)])

    shown = capsys.readouterr()
    assert status == 0
    assert f"clean: 0 divergences that no deviation covers, {len(FAULTS)} accepted" in shown.out
    assert shown.err == ""


@pytest.mark.parametrize("text", [None, "", "compare: []"])
def test_without_deviations_all_are_listed(
    vendor: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str | None
) -> None:
    """Without the file, or with an empty one, every fault counts."""
    path = tmp_path / "none.yaml"
    if text is not None:
        path.write_text(text, encoding="utf-8")

    status = main([str(vendor), "--deviations", str(path)])

    assert status == 4
    assert (
        f"{len(FAULTS)} divergences that no deviation covers, 0 accepted" in capsys.readouterr().out
    )


def test_expired_deviation_is_reported(
    vendor: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """After its day an entry covers nothing, and is named with its line."""
    path = tmp_path / "old.yaml"
    entry = "{location: /source, change: branches overlap, reason: Known., expires: 2020-01-01}"
    path.write_text(f"compare:\n  - {entry}\n", encoding="utf-8")

    status = main([str(vendor), "--deviations", str(path)])

    assert status == 4
    assert "old.yaml:2: /source (branches overlap) expired on 2020-01-01" in capsys.readouterr().err


def test_malformed_deviations_are_a_usage_error(
    vendor: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A deviations file that can't be read stops the comparison."""
    path = tmp_path / "broken.yaml"
    path.write_text("compare: [{}]", encoding="utf-8")

    assert main([str(vendor), "--deviations", str(path)]) == 2
    assert "broken.yaml:1" in capsys.readouterr().err


def test_json_has_the_documented_form(vendor: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The keys are those that other programs read, no more and no fewer."""
    main([str(vendor), "--format", "json"])

    report = json.loads(capsys.readouterr().out)
    assert list(report) == ["schema_version", "verdict", "divergences"]
    assert (report["schema_version"], report["verdict"]) == (1, "clean")
    assert set(names_in(report["divergences"])) == {
        "location",
        "change",
        "ours",
        "theirs",
        "line_ours",
        "line_theirs",
        "severity",
        "deviation",
    }


def test_divergence_reads_as_documented(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A new member of an enum has the documented form."""
    data = as_a_vendor_writes(read(PATH).data)
    data["components"]["schemas"]["TheirServiceType"]["enum"].append("NEW")

    status = main([str(written(tmp_path, data)), "--format", "json"])

    report = json.loads(capsys.readouterr().out)
    (found,) = (each for each in report["divergences"] if each["deviation"] is None)
    assert status == 4
    assert report["verdict"] == "divergence"
    assert (found["location"], found["change"]) == ("/service_type", "enum member added")
    assert (found["ours"], found["theirs"], found["severity"]) == (None, "NEW", "additive")


@pytest.mark.parametrize("form", ["text", "markdown", "json"])
def test_hostile_text_is_shown_as_text(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], form: str
) -> None:
    """Names can neither steer a terminal nor mark anything up."""
    status = main([str(changed(tmp_path)), "--format", form])

    shown = capsys.readouterr().out
    assert status == 4
    assert "\x1b" not in shown
    assert "\u202e" not in shown
    if form == "markdown":
        outside = re.sub(r"(?<!`)(`+)(?!`)(.+?)(?<!`)\1(?!`)", "", shown)
        assert "<script>" not in outside
        assert all(row.count(" | ") >= 5 for row in shown.splitlines() if row.startswith("| "))


def test_markdown_is_a_table(vendor: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Each divergence is a row, with its lines and its reason."""
    main([str(vendor), "--format", "markdown"])

    shown = capsys.readouterr().out
    assert shown.startswith("# The contract and the vendor's document: clean\n")
    assert len([row for row in shown.splitlines() if row.startswith("| documentation |")]) == len(
        FAULTS
    )


def test_plain_http_is_a_usage_error(capsys: pytest.CaptureFixture[str]) -> None:
    """Plain http is refused."""
    assert main(["http://vendor.example/openapi.yaml"]) == 2
    assert "expected a path or an https URL" in capsys.readouterr().err


def test_closed_pipe_ends_quietly(vendor: Path) -> None:
    """`scripts.compare … | head -1` prints no traceback."""
    command = [sys.executable, "-m", "scripts.compare", str(vendor), "--format", "json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        errors = process.stderr.read()

    assert b"Traceback" not in errors
    assert b"BrokenPipe" not in errors
