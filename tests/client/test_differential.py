"""The client and the oracle, which share no code, agree about bodies that were changed at random.

They disagree only where `disagreement` says so, which docs/client.md documents.
"""

from __future__ import annotations

import json
import random
import re
from copy import deepcopy
from typing import Any

import pytest

from contract_tests.oracle.oracle import Oracle
from contract_tests.spec.contract import load
from contract_tests.spec.keywords import Effect
from qovery_job_client import BodyError, ContractViolationError, Job, decode_job
from qovery_job_client.base import parse_json
from qovery_job_client.checking import Checker
from tests.client.payloads import full, places
from tests.recorded import NAMES, payload

pytestmark = pytest.mark.slow

BODIES = 2_000  # for each seed
CONTRACT = load()
ORACLE = Oracle(CONTRACT)
TAGS = set(CONTRACT.job.tags)
VALUES: list[Any] = [
    *(None, True, False, 0, 1, -1, 1.0, 1.5, -0.0, 2**53, 2**64, 1e300, "", "x", "\U0001f600"),
    *([], {}, [None], [[]], {"a": None}, "null", "0", "1.0", "CRON", "LIFECYCLE", "WEEKLY"),
    *("3c90c3cc-0d44-4b50-8888-8dd25736052a", "3C90C3CC-0D44-4B50-8888-8DD25736052A"),
    *("3c90c3cc0d444b5088888dd25736052a", "{3c90c3cc-0d44-4b50-8888-8dd25736052a}"),
    *("2023-10-25T12:10:21Z", "2023-10-25 12:10:21Z", "2023-10-25t12:10:21.123456789z"),
    *("2023-10-25T12:10:21+02:00", "2023-10-25T12:10:21+0200", "2023-10-25T12:10:21"),
    *("2016-12-31T23:59:60Z", "2016-12-31T23:58:60Z", "2023-02-30T12:10:21Z"),
    *("9999-12-31T23:59:60Z", "0000-01-01T00:00:00Z", "2023-10-25T24:00:00Z"),
    *("Etc/UTC", "* * * * *", "https://example.com", "app://console/icon"),
]
HEX = re.compile(r"[0-9a-fA-F]{32}")
DATE_TIME = re.compile(r"\d{4}-\d\d-\d\d[Tt ].*")


def mutated(dice: random.Random) -> dict[str, Any]:
    """A job with one to three places changed, removed or added to."""
    data = payload(dice.choice(NAMES))
    if dice.random() < 0.5:
        data = full(dice.choice(["lifecycle", "cron"]), dice.choice(["image", "docker"]))
    for _ in range(dice.randint(1, 3)):
        holder, key = dice.choice(places(data))
        match dice.randint(0, 4):
            case 0:
                del holder[key]
            case 1 if isinstance(holder, dict):
                holder[dice.choice(["new", "", "a/b", key + "_"])] = dice.choice(VALUES)
            case 2:
                other, name = dice.choice(places(data))
                holder[key] = deepcopy(other[name])
            case _:
                holder[key] = deepcopy(dice.choice(VALUES))
    return data


def is_unknown_variant(data: dict[str, Any]) -> bool:
    """Whether the body is of a variant that the contract does not know."""
    tag = data.get("job_type")
    return isinstance(tag, str) and tag not in TAGS


def disagreement(data: dict[str, Any]) -> bool:
    """Whether the client and the oracle may disagree about a body."""
    if is_unknown_variant(data):
        return True  # the client decodes what all variants have
    texts = [holder[key] for holder, key in places(data) if isinstance(holder[key], str)]
    return any(
        HEX.fullmatch(text)  # the client accepts ids without hyphens
        # It accepts a space for the T and an offset without a colon; it refuses a leap second after
        # which no year follows, and the year 0.
        or (DATE_TIME.fullmatch(text) and re.search(r" |[+-]\d{4}$|^9999-12-31|^0000", text))
        for text in texts
    )


def raises(body: bytes, *, strict: bool = False) -> bool:
    """Whether the client refuses the body."""
    try:
        job = decode_job(body, strict=strict)
    except (BodyError, ContractViolationError):
        return True
    assert json.dumps(job.to_dict()) == json.dumps(json.loads(body))
    return False


@pytest.mark.parametrize("seed", range(4))
def test_client_and_oracle_agree(seed: int) -> None:
    """The client raises if and only if the oracle has a finding that breaks decoding."""
    dice = random.Random(seed)
    wrong, refused, documented = [], 0, 0
    for _ in range(BODIES):
        data = mutated(dice)
        body = json.dumps(data).encode()
        effects = {finding.effect for finding in ORACLE.findings_of_body(body)}
        if disagreement(data):
            documented += 1
            raises(body)
            continue
        refused += Effect.RAISES in effects
        if raises(body) is not (Effect.RAISES in effects):
            wrong.append((data, effects))

    assert wrong == []
    assert refused > BODIES / 4
    assert documented < BODIES / 2


def test_fast_and_slow_decoding_agree() -> None:
    """What msgspec decodes is what the exact check returns for the same body."""
    dice = random.Random(0)
    accepted = 0
    for _ in range(BODIES):
        data = mutated(dice)
        body = json.dumps(data).encode()
        if disagreement(data) and not is_unknown_variant(data):
            continue
        try:
            exact = Checker(strict=False).check(Job, parse_json(body))
        except ContractViolationError:
            assert raises(body)
        else:
            accepted += 1
            assert repr(decode_job(body)).partition(", unknown_properties")[0] in repr(exact) + ")"

    assert accepted > BODIES / 10


def test_strict_client_refuses_each_difference() -> None:
    """Strictly, an addition and an unknown enum member are refused as well."""
    dice = random.Random(1)
    for _ in range(BODIES // 4):
        body = json.dumps(mutated(dice)).encode()
        effects = {finding.effect for finding in ORACLE.findings_of_body(body)}
        if effects & {Effect.RAISES, Effect.LOSES}:
            assert raises(body, strict=True), body
