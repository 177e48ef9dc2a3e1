"""Every command refuses a contract that it can't use: one message, exit status 2."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING

import pytest

from contract_tests.mock_server import __main__ as mock_server
from scripts import check, lint
from scripts.compare import __main__ as compare
from scripts.drift import command as drift
from scripts.generate import command as generate
from scripts.interop import __main__ as interop
from scripts.mutants import __main__ as mutants
from scripts.slice import command as slice_command

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

COMMANDS: dict[str, Callable[[str], int]] = {
    "generate": lambda path: generate.main(["--check", "--contract", path]),
    "drift": lambda path: drift.main(["--contract", path]),
    "mutants": lambda path: mutants.main(["--in-process", "--contract", path]),
    "mock_server": lambda path: mock_server.main(["--list-mutants", "--contract", path]),
    "lint": lambda path: lint.main([path]),
    "check": lambda path: check.main(["body.json", "--contract", path]),
    "compare": lambda path: compare.main(["document.yaml", "--contract", path]),
    "interop": lambda path: interop.main(["--contract", path]),
    "slice": lambda path: slice_command.main([path, "GET /parcel/{parcelId}"]),
}
CONTENTS = {
    "invalid YAML": ("openapi: [", "not YAML"),
    "empty": ("", "expected an object, got null"),
    "binary": ("\0\1", "not YAML"),
    "not OpenAPI": ("a: 1", "expected"),
    "no paths": ('openapi: "3.1.0"', "/paths"),
}


@pytest.mark.parametrize("command", COMMANDS)
def test_unusable_contract_is_a_usage_error(
    command: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Whatever is wrong with the file, the message names it and nothing is written."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(signal, "signal", lambda *_: None)  # the mock server's handlers
    cases = {"missing.yaml": "No such file", ".": "Is a directory"}
    for name, (text, message) in CONTENTS.items():
        path = tmp_path / f"{name}.yaml"
        path.write_text(text, encoding="utf-8")
        cases[path.name] = message
    before = set(tmp_path.iterdir())

    for name, message in cases.items():
        status = COMMANDS[command](name)

        printed = capsys.readouterr()
        assert status == 2, name
        assert message in printed.err, name
        assert name in printed.err
        assert "Traceback" not in printed.err
        assert printed.out == ""
    assert set(tmp_path.iterdir()) == before
