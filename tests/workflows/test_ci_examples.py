"""The examples for other CI systems: valid, and calling what exists."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
import yaml

from scripts.drift import command
from scripts.report.write import FORMATS, HISTORY

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "start" / "nightly.md").read_text(encoding="utf-8")
EXAMPLES = dict(re.findall(r'(?ms)^```\w+ title="([^"]+)"\n(.*?)^```$', PAGE))


@pytest.mark.parametrize("name", [".gitlab-ci.yml", "Jenkinsfile"])
def test_an_example_names_what_exists(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Options of the command, and files that it writes."""
    text = EXAMPLES[name]
    with pytest.raises(SystemExit):
        command.main(["--help"])
    options = capsys.readouterr().out

    assert "python -m scripts.drift" in text
    assert [option for option in re.findall(r" (--[\w-]+)", text) if option not in options] == []
    assert set(re.findall(r"reports/([\w.-]+)", text)) <= {*FORMATS, HISTORY}
    assert text.count("{") == text.count("}")


@pytest.mark.parametrize("status", [0, 4, 5])
def test_gitlab_ends_with_the_exit_status_of_the_check(tmp_path: Path, status: int) -> None:
    """An inconclusive run is a warning there, drift is a failure."""
    job = yaml.safe_load(EXAMPLES[".gitlab-ci.yml"])["drift"]
    for program in ("make", ".venv/bin/python"):
        stub = tmp_path / program
        stub.parent.mkdir(parents=True, exist_ok=True)
        stub.write_text(f"#!/bin/sh\nexit {status if 'python' in program else 0}\n")
        stub.chmod(0o755)

    ended = subprocess.run(
        ["/bin/bash", "-e", "-c", "\n".join(job["script"])],
        cwd=tmp_path,
        env={"PATH": f"{tmp_path}:/usr/bin:/bin"},
        check=False,
        timeout=30,
    )

    assert ended.returncode == status
    assert job["allow_failure"] == {"exit_codes": [5]}
    assert job["artifacts"]["when"] == "always"
