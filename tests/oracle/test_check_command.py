"""`python -m scripts.check`: the findings of one body, without a server."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING

import pytest

from scripts import check
from tests.kinds import AT_COUNT, LEAST
from tests.oracle.instances import changed
from tests.recorded import FOLDER, payload, text

if TYPE_CHECKING:
    from pathlib import Path

BODY = FOLDER / "cron_docker_nulls.json"


def test_a_valid_body_has_no_finding(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Exit status 0, and the variant is shown."""
    body = tmp_path / "body.json"
    body.write_bytes(text("cron_docker_nulls"))

    assert check.main([str(body)]) == 0
    assert capsys.readouterr().out == f"{body}: CronJob, 0 findings\n"


def test_findings_are_printed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit status 4; each line has the location, what was expected, and the contract's line."""
    body = json.dumps(changed(payload("cron_docker_nulls"), AT_COUNT, LEAST - 1)).encode()
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(body)))

    assert check.main(["-"]) == 4
    _, line = capsys.readouterr().out.splitlines()
    assert f"{AT_COUNT} is {LEAST - 1}; expected minimum {LEAST} " in line
    assert "(breaking, breaks decoding, minimum, " in line
    assert "openapi/job.yaml:" in line


def test_another_response_has_its_own_schema(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """`--status 404` checks the body of an error."""
    (tmp_path / "body.json").write_text('{"novel": 1}')

    assert check.main([str(tmp_path / "body.json"), "--status", "404"]) == 4
    assert "/novel is not in the contract" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        (["none.json"], "none.json: No such file"),
        ([str(BODY), "--contract", "none.yaml"], "none.yaml: No such file"),
        ([str(BODY), "--status", "418"], "status 418 has no body; expected 200"),
    ],
    ids=["body", "contract", "status"],
)
def test_bad_arguments_are_usage_errors(
    argv: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """One line and exit status 2."""
    assert check.main(argv) == 2
    assert message in capsys.readouterr().err
