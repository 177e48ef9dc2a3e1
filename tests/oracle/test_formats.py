"""The formats that are not in JSON Schema, and values that engines accept by mistake."""

from __future__ import annotations

import random

import pytest

from contract_tests.spec.formats import is_cron
from tests.oracle.instances import RECORDED as CONTRACT
from tests.oracle.instances import RECORDED_ORACLE as ORACLE
from tests.oracle.instances import changed, facts, uses
from tests.recorded import original

CRON = original("cron_docker_nulls")
# The last place of each format in the job.
WHERE = {
    schema.assertions["format"]: where
    for where, schema, _ in uses(CONTRACT.job, CRON)
    if "format" in schema.assertions
}
RIGHT = [
    ("uuid", "7A0F3C52-5f6f-4a50-9a7e-0c8a4f2b9d11"),
    ("date-time", "2023-10-25T12:10:21.75634Z"),
    *(
        ("cron", text)
        for text in (
            *("* * * * *", "*/15 0-6,8 1,15 jan-mar MON-FRI", "0 0 * * 7"),
            *("0 0 29 2 *", "5/10 * * * *"),
        )
    ),
    *(
        ("timezone", text)
        for text in ("Etc/UTC", "UTC", "Europe/Kyiv", "Europe/Kiev", "US/Eastern", "Etc/GMT+12")
    ),
]
WRONG = [
    ("uuid", "7a0f3c52-5f6f-4a50-9a7e-0c8a4f2b9d11\n"),
    ("date-time", "\uff12023-10-25T12:10:21Z"),
    *(
        ("cron", text)
        for text in (
            *("* * * * * *", "0 * * * * ? 2026", "* * * *", "@daily", "0 24 * * *", "0 0 32 * *"),
            *("0 0 0 * *", "0 0 * 13 *", "0 0 * * 8", "*/0 * * * *", "1,,2 * * * *", ""),
            *("H * * * *", "R * * * *", "\u0661 * * * *", "1-99999999999 * * * *", "*" * 100_000),
        )
    ),
    *(
        ("timezone", text)
        for text in (
            *("etc/utc", "Europe/Atlantis", "GMT+2", "+02:00", "localtime", "../Etc/UTC"),
            *("/usr/share/zoneinfo/UTC", ""),
        )
    ),
]


def of_contract(values: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """The values whose format the contract has."""
    return [(name, value) for name, value in values if name in WHERE]


@pytest.mark.parametrize(("name", "value"), of_contract(RIGHT), ids=lambda text: text[:20])
def test_valid_value(name: str, value: str) -> None:
    """There is no finding."""
    assert ORACLE.findings(changed(CRON, WHERE[name], value)) == []


@pytest.mark.parametrize(("name", "value"), of_contract(WRONG), ids=lambda text: text[:20])
def test_invalid_value(name: str, value: str) -> None:
    """There is one finding, with the format."""
    findings = ORACLE.findings(changed(CRON, WHERE[name], value))

    assert facts(findings) == [("violation", WHERE[name], "format")]
    assert findings[0].expected == name


def test_no_text_makes_the_cron_check_raise() -> None:
    """The check returns a bool for any text."""
    chance = random.Random(3)
    letters = "0123456789*/-,?L#WHRmonjafe\x00é"
    texts = [
        " ".join(
            chance.choice(
                ("*", "1", "1-5", "".join(chance.choices(letters, k=chance.randint(1, 6))))
            )
            for _ in range(5)
        )
        for _ in range(3_000)
    ]

    verdicts = {is_cron(text) for text in texts}

    assert verdicts == {True, False}
