"""Response bodies with seeded mutations, derived from the contract alone."""

from __future__ import annotations

import copy
import json
import random
from functools import cache
from typing import TYPE_CHECKING, Any

from contract_tests.instances.population import population
from contract_tests.spec.contract import load

if TYPE_CHECKING:
    from collections.abc import Iterator

    from contract_tests.spec.values import Json

SCALARS: tuple[Json, ...] = (
    *(
        None,
        True,
        False,
        0,
        1,
        -1,
        0.0,
        1.0,
        -0.5,
        1.5,
        1e300,
        2**31,
        2**53 + 1,
        2**63 - 1,
        -(2**63),
    ),
    *("", " ", "0", "null", "\x00", "\ufffe", "\U0001f600", "e\u0301", "x" * 300),
    *("7A0F3C52-5F6F-4A50-9A7E-0C8A4F2B9D11", "7a0f3c525f6f4a509a7e0c8a4f2b9d11"),
    *("{7a0f3c52-5f6f-4a50-9a7e-0c8a4f2b9d11}", "7a0f3c52-5f6f-4a50-9a7e-0c8a4f2b9d1\uff11"),
    *("2024-02-29T00:00:00Z", "2023-02-29T00:00:00Z", "2024-02-29t00:00:00z", "2024-02-29"),
    *("2024-02-29 00:00:00Z", "2024-02-29T00:00:00", "2024-02-29T00:00:00+24:00"),
    *("2016-12-31T23:59:60Z", "9999-12-31T23:59:60Z", "0000-01-01T00:00:00Z"),
    *("0001-01-01T00:00:00+01:00", "2024-02-29T00:00:00.123456789Z", "2024-02-29T24:00:00Z"),
    *("https://example.com/a?b#c", "not a uri", "//x", "app://icon", "http://[::1"),
    *("* * * * *", "60 * * * *", "@daily", "0 0 30 2 *", "Etc/UTC", "Nowhere/Else", "UTC"),
)
CONTAINERS: tuple[Json, ...] = ([], {}, [None], [[]], [{}], {"": 0}, {"a": {"b": []}}, ["a", "a"])
# Text in the place of a value, which JSON or a strict reader of it may forbid.
RAW = (
    *("NaN", "-Infinity", "1e400", "-0", "01", "1.", "+1", "0x1", "1" + "0" * 30, "nul", "'a'"),
    *(r'"\ud800"', r'"\u0000"', '"\t"', '"\\x"', '{"a":1,"a":2}', "[1,]", "1e-400", "-0.0", "1E+2"),
)
_MARK = "\ue000mark\ue000"


@cache
def _originals() -> tuple[Json, ...]:
    return tuple(population(load()).jobs.values())


@cache
def _keys() -> tuple[str, ...]:
    found = {key for job in _originals() for holder in _holders(job) for key in _names(holder)}
    return tuple(sorted(found))


@cache
def _strings() -> tuple[str, ...]:
    """Return the short strings of the original bodies: enum members, variants, names."""
    values = (
        value
        for job in _originals()
        for holder in _holders(job)
        for value in (holder.values() if isinstance(holder, dict) else holder)
    )
    return tuple(sorted({value for value in values if isinstance(value, str)} - {""}))


def body(seed: int) -> bytes:
    """Return a body with up to three changes; the same for the same seed."""
    chance = random.Random(seed)  # reproducible, not secret
    made: Any = copy.deepcopy(chance.choice(_originals()))
    raw = ""
    for _ in range(chance.randint(0, 3)):
        holder: Any = chance.choice(list(_holders(made)))
        places = list(holder) if isinstance(holder, dict) else list(range(len(holder)))
        action = chance.random()
        if not places or action < 0.15:
            _add(holder, chance)
        elif action < 0.3:
            del holder[chance.choice(places)]
        elif action < 0.38 and not raw:
            holder[chance.choice(places)] = _MARK
            raw = chance.choice(RAW)
        elif action < 0.45:
            one, other = chance.choice(places), chance.choice(places)
            holder[one], holder[other] = holder[other], holder[one]
        else:
            holder[chance.choice(places)] = _value(chance)
    text = json.dumps(made, ensure_ascii=chance.random() < 0.5)
    marks = (json.dumps(_MARK), json.dumps(_MARK, ensure_ascii=False))
    for mark in marks:
        text = text.replace(mark, raw)
    data = text.encode()
    if chance.random() < 0.02:
        cut = chance.randrange(len(data))
        data = data[:cut] + bytes([chance.randrange(256)]) + data[cut + chance.randint(0, 2) :]
    return data


def _value(chance: random.Random) -> Json:
    pick = chance.random()
    if pick < 0.55:
        return chance.choice(SCALARS)
    if pick < 0.75:
        return chance.choice(_strings())
    if pick < 0.9:
        return copy.deepcopy(chance.choice(CONTAINERS))
    return copy.deepcopy(chance.choice(list(_holders(chance.choice(_originals())))))


def _add(holder: Any, chance: random.Random) -> None:
    if isinstance(holder, list):
        holder.append(_value(chance))
    else:
        holder[chance.choice((*_keys(), "novel", "", "~/", "\x00"))] = _value(chance)


def _names(holder: Any) -> list[str]:
    return list(holder) if isinstance(holder, dict) else []


def _holders(node: Json) -> Iterator[Any]:
    if isinstance(node, dict):
        yield node
        for item in node.values():
            yield from _holders(item)
    elif isinstance(node, list):
        yield node
        for item in node:
            yield from _holders(item)
