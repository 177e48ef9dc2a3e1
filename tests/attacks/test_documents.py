"""Mutated documents: refused with a `DocumentError`, or read so that the rest works."""

from __future__ import annotations

import json
import random

import pytest

from contract_tests.instances.population import population
from contract_tests.oracle.response import ResponseChecker
from contract_tests.spec.contract import PATH, SUCCESS, load, resolve
from contract_tests.spec.document import DocumentError, parse
from tests.compare.mutation import compare_mutated, mutated

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


@pytest.mark.fuzz
@pytest.mark.parametrize("start", range(0, 2_500, CHUNK))
def test_mutated_vendor_document_is_refused_or_compared(start: int) -> None:
    """Comparing, rendering, proposing and applying raise nothing else."""
    accepted = [compare_mutated(seed) for seed in range(start, start + CHUNK)]

    assert True in accepted
