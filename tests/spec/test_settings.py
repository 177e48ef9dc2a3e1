"""Names of the client and the drift check: from a file beside the contract, or from its title."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from contract_tests.run.target import TargetError, live_target
from contract_tests.spec.contract import PATH, Contract, load
from contract_tests.spec.document import DocumentError
from contract_tests.spec.settings import FILE, settings_of

if TYPE_CHECKING:
    from pathlib import Path


def moved(folder: Path, settings: str | None = None, title: str = "3 Ships & Co.") -> Contract:
    """The contract under another title, with `settings` beside it."""
    path = folder / "contract.yaml"
    own = load()
    path.write_text(PATH.read_text("utf-8").replace(f"title: {own.title}", f'title: "{title}"'))
    if settings is not None:
        (folder / FILE).write_text(settings)
    return load(path)


def test_names_follow_from_the_title(tmp_path: Path) -> None:
    """Another contract never gets the names of this project."""
    settings = settings_of(moved(tmp_path))

    assert settings.package == "api_3_ships_co_client"
    assert settings.token_variable == "API_3_SHIPS_CO_TOKEN"
    assert settings.ids_variable == "API_3_SHIPS_CO_IDS"


def test_file_beside_the_contract_wins(tmp_path: Path) -> None:
    """It may name some of them."""
    settings = settings_of(moved(tmp_path, "client: {token_variable: SHIPS}\n"))

    assert (settings.token_variable, settings.url_variable) == ("SHIPS", "API_3_SHIPS_CO_URL")


def test_organization_needs_listings(tmp_path: Path) -> None:
    """The message says where to name them."""
    contract = moved(tmp_path)

    with pytest.raises(TargetError, match=f"`listings` in {FILE}"):
        live_target(contract, "http://localhost", (), None, organizations=["0" * 32])


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("client: []", "client: expected an object"),
        ("client:\n  token: X", "generator.yaml:2: client/token: unknown; expected distribution"),
        ("client:\n  distribution: 'x/y'", "'x/y'; expected"),
        ("client: {url_variable: a-b}", "'a-b'; expected"),
        ("client: {listings: [/a]}", "expected three paths"),
        ("client: {", "not YAML"),
    ],
)
def test_invalid_entry_is_refused(tmp_path: Path, text: str, words: str) -> None:
    """The names become code and commands."""
    contract = moved(tmp_path, text)

    with pytest.raises(DocumentError, match=words):
        settings_of(contract)
