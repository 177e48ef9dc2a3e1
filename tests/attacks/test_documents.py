"""Mutated documents: refused with a `DocumentError`, or read so that the rest works."""

from __future__ import annotations

import json
import random
from typing import TYPE_CHECKING

import pytest

from contract_tests.instances.population import population
from contract_tests.oracle.response import ResponseChecker
from contract_tests.spec.contract import IDENTITY, PATH, SUCCESS, load, resolve
from contract_tests.spec.document import DocumentError, parse
from scripts import lint
from scripts.slice import command
from tests.compare.mutation import compare_mutated, mutated

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from contract_tests.spec.values import Json

CHUNK = 100
GATE = range(0, CHUNK, CHUNK)
CHUNKS = [
    *GATE,
    *(pytest.param(start, marks=pytest.mark.fuzz) for start in range(CHUNK, 2_600, CHUNK)),
]
PIECES = (
    *(
        b"",
        b"\x00",
        b"\xff\xfe",
        b"\n",
        b"\t",
        b"  ",
        b": ",
        b"- ",
        b"&a ",
        b"*a ",
        b"!!int ",
        b"#",
    ),
    *(b"? ", b"{", b"}", b"[", b"]", b"'", b'"', b"|\n", b">\n", b"%YAML 1.1\n", b"---\n", b"..."),
    *(b"<<: *a", b"yes", b"null", b"0x1F", b"1e999", b"2024-01-01", b"\xc2\x85", b"\xe2\x80\xa8"),
    *(b"!!python/object/apply:os.system [true]", b"&a [*a]", b"{{7*7}}", b"\xf3\xa0\x84\x81"),
)


def use(source: bytes) -> bool:
    """Load a contract and use it; return whether it was accepted."""
    try:
        contract = resolve(parse(source, "mutated.yaml"))
    except DocumentError:
        return False
    oracle = ResponseChecker(contract).oracles[SUCCESS]
    for body in list(population(contract).bodies.values())[:8]:
        assert oracle.findings_of_body(body) == []
    return True


@pytest.mark.parametrize("start", CHUNKS)
def test_mutated_contract_is_refused_or_works(start: int) -> None:
    """What is accepted gives instances in which its own oracle finds nothing."""
    data = load().document.data
    accepted = [
        use(json.dumps(mutated(data, seed)).encode()) for seed in range(start, start + CHUNK)
    ]

    assert True in accepted
    assert False in accepted


@pytest.mark.parametrize("start", CHUNKS)
def test_contract_with_changed_bytes_is_refused_or_works(start: int) -> None:
    """Also where YAML itself is broken, or asks for a tag, an alias, a date."""
    source = PATH.read_bytes()
    accepted = []
    for seed in range(start, start + CHUNK):
        chance = random.Random(seed)  # reproducible, not secret
        changed = bytearray(source)
        for _ in range(chance.randint(1, 3)):
            place = chance.randrange(len(changed))
            changed[place : place + chance.randint(0, 3)] = chance.choice(PIECES)
        accepted.append(use(bytes(changed)))

    assert False in accepted


CONTROLS = "\x1b]0;title\x07\x9b31m\u202e"


def _texts(data: Json, get: Json) -> None:
    data["info"].update(version=CONTROLS, title=CONTROLS)
    get["summary"] = CONTROLS
    _schema(data)["description"] = CONTROLS


def _names(data: Json, get: Json) -> None:
    data[CONTROLS] = 1
    get["responses"][CONTROLS] = {"description": ""}
    get["responses"][SUCCESS]["content"][CONTROLS] = {}
    get["responses"]["default"] = {"$ref": f"#/{CONTROLS}"}
    get[IDENTITY] = CONTROLS
    _schema(data)[CONTROLS] = 1


def _values(data: Json, get: Json) -> None:
    get["parameters"] = [{"name": CONTROLS, "in": CONTROLS}]
    _schema(data).update(
        type=CONTROLS,
        enum=[CONTROLS, CONTROLS],
        pattern=f"({CONTROLS}",
        properties={CONTROLS: {"type": CONTROLS}},
        required=[CONTROLS],
    )


def _schema(data: Json) -> Json:
    return next(iter(data["components"]["schemas"].values()))


@pytest.mark.parametrize("change", [_texts, _names, _values])
@pytest.mark.parametrize("main", [lint.main, command.main], ids=["lint", "slice"])
def test_control_sequence_of_a_document_is_an_escape(
    main: Callable[[list[str]], int],
    change: Callable[[Json, Json], None],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A terminal that shows a message, or the contract that `slice` writes, obeys none."""
    data = json.loads(json.dumps(load().document.data))
    change(data, data["paths"][load().path]["get"])
    path = tmp_path / "contract.json"
    path.write_text(json.dumps(data), "utf-8")

    main([str(path), f"GET {load().path}"] if main is command.main else [str(path)])
    shown = "".join(capsys.readouterr())

    assert not [each for each in CONTROLS if not each.isprintable() and each in shown]


@pytest.mark.fuzz
@pytest.mark.parametrize("start", range(0, 2_500, CHUNK))
def test_mutated_vendor_document_is_refused_or_compared(start: int) -> None:
    """Comparing, rendering, proposing and applying raise nothing else."""
    accepted = [compare_mutated(seed) for seed in range(start, start + CHUNK)]

    assert True in accepted
