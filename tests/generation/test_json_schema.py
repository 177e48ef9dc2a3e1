"""The client agrees with JSON Schema 2020-12, as the oracle does, about what it doesn't refuse.

The cases of the oracle's test, each as a property: those that msgspec checks in one package, which
takes the quick path, and the rest in another one.
"""

from __future__ import annotations

import contextlib
import io
import json
import sys
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from contract_tests.spec.contract import resolve
from contract_tests.spec.document import DocumentError, parse
from contract_tests.spec.keywords import Effect, effect_of
from scripts.generate.classes import classes_of, is_direct
from scripts.generate.package import write_package
from tests.generation.generated import contract
from tests.oracle.test_json_schema import CASES, with_property

if TYPE_CHECKING:
    from collections.abc import Iterator

    from contract_tests.spec.values import Json

SOURCES = Path(__file__).parents[2] / "openapi"


def batches() -> dict[bool, dict[str, Json]]:
    """The cases by the name of their property; those that msgspec checks, and the others."""
    found: dict[bool, dict[str, Json]] = {True: {}, False: {}}
    for number, case in enumerate(CASES):
        with contextlib.suppress(DocumentError):
            direct = is_direct(classes_of(with_property(case["schema"])))
            found[direct][f"p{number}"] = case
    return found


@pytest.fixture(scope="module", params=[True, False], ids=["quick", "exact"])
def batch(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Any, dict[str, Json]]]:
    """A package, and its cases."""
    cases = batches()[request.param]
    properties = {name: case["schema"] for name, case in cases.items()}
    document = contract({"Thing": {"type": "object", "properties": properties}})
    folder = tmp_path_factory.mktemp("batch")
    name = f"batch_{request.param}".lower()
    with contextlib.redirect_stdout(io.StringIO()):
        source = json.dumps(document).encode()
        write_package(resolve(parse(source, "things.json")), SOURCES, folder / name)
    sys.path.insert(0, str(folder))
    try:
        package = import_module(name)
        assert import_module(f"{name}.contract").IS_DIRECT is request.param
        yield package, cases
    finally:
        sys.path.remove(str(folder))


def is_enforced(case: Json, *, strict: bool) -> bool:
    """Whether the client refuses what breaks the keyword of a case."""
    keyword, _, name = case["keyword"].partition(" ")
    if keyword == "format" and not strict:
        return False  # other spellings of a UUID and of a time are decoded
    effect = effect_of(keyword, name or None)
    return effect is Effect.RAISES or (strict and effect is Effect.LOSES)


@pytest.mark.parametrize("strict", [True, False], ids=["strict", "lenient"])
def test_client_means_what_json_schema_says(
    batch: tuple[Any, dict[str, Json]], *, strict: bool
) -> None:
    """Valid instances are decoded; invalid ones are refused, but for documented leniency."""
    package, cases = batch
    wrong = []
    for name, case in cases.items():
        for expected in ("valid", "invalid"):
            for value in case[expected]:
                try:
                    package.Thing.from_json(json.dumps({name: value}), strict=strict)
                    seen = "valid"
                except package.ContractViolationError as error:
                    seen = "addition" if error.keyword == "additionalProperties" else "invalid"
                if seen != expected and (seen != "valid" or is_enforced(case, strict=strict)):
                    wrong.append((case["schema"], value, expected, seen))

    assert [each for each in wrong if each[2:] != ("valid", "addition")] == []
    assert len(cases) > 10
