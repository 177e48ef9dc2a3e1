"""Formats are asserted, each broken in several ways, and never where a value is right."""

from __future__ import annotations

import random

import pytest

from contract_tests.spec.formats import is_cron
from tests.oracle.instances import ORACLE, changed, payload, told

CRON = payload("cron_docker_nulls")
WHERE = {
    "uuid": "/id",
    "date-time": "/created_at",
    "uri": "/icon_uri",
    "cron": "/schedule/cronjob/scheduled_at",
    "timezone": "/schedule/cronjob/timezone",
}
RIGHT = [
    ("uuid", "7A0F3C52-5f6f-4a50-9a7e-0c8a4f2b9d11"),
    ("uuid", "00000000-0000-0000-0000-000000000000"),
    ("date-time", "2023-10-25T12:10:21.75634Z"),
    ("date-time", "2023-10-25T12:10:21+05:45"),
    ("date-time", "2024-02-29T00:00:00Z"),
    ("date-time", "2016-12-31T23:59:60Z"),
    ("date-time", "2023-10-25t12:10:21z"),
    ("uri", "app://qovery-console/cron-job"),
    ("uri", "https://example.com:8443/a%20b?c#d"),
    ("uri", "urn:isbn:0451450523"),
    ("cron", "* * * * *"),
    ("cron", "*/15 0-6,8 1,15 jan-mar MON-FRI"),
    ("cron", "0 0 * * 7"),
    ("cron", "0 0 29 2 *"),
    ("cron", "5/10 * * * *"),
    ("timezone", "Etc/UTC"),
    ("timezone", "UTC"),
    ("timezone", "Europe/Kyiv"),
    ("timezone", "Europe/Kiev"),
    ("timezone", "US/Eastern"),
    ("timezone", "Etc/GMT+12"),
]
WRONG = [
    ("uuid", "7a0f3c525f6f4a509a7e0c8a4f2b9d11"),
    ("uuid", "{7a0f3c52-5f6f-4a50-9a7e-0c8a4f2b9d11}"),
    ("uuid", "urn:uuid:7a0f3c52-5f6f-4a50-9a7e-0c8a4f2b9d11"),
    ("uuid", "7a0f3c52-5f6f-4a50-9a7e-0c8a4f2b9d1"),
    ("uuid", "7a0f3c52-5f6f-4a50-9a7e-0c8a4f2b9d1g"),
    ("uuid", "7a0f3c52-5f6f-4a50-9a7e-0c8a4f2b9d11\n"),
    ("uuid", ""),
    ("date-time", "+023-10-25T12:10:21Z"),
    ("date-time", "2023-10-25T12:10:2.Z"),
    ("date-time", "2023-10-25 12:10:21Z"),
    ("date-time", "2023-10-25T12:10:21"),
    ("date-time", "2023-10-25T12:10Z"),
    ("date-time", "2023-02-29T12:10:21Z"),
    ("date-time", "2023-10-25T24:00:00Z"),
    ("date-time", "2023-10-25T12:10:21+0200"),
    ("date-time", "2023-10-25T12:10:21.Z"),
    ("date-time", "2023-10-25"),
    ("date-time", "1698235821"),
    ("date-time", "\uff12023-10-25T12:10:21Z"),
    ("uri", "<string>"),
    ("uri", "example.com/icon.svg"),
    ("uri", "/icon.svg"),
    ("uri", "https://exa mple.com"),
    ("uri", "https://example.com/%zz"),
    ("uri", "https://[::1"),
    ("uri", ""),
    ("cron", "* * * * * *"),
    ("cron", "0 * * * * ? 2026"),
    ("cron", "* * * *"),
    ("cron", "@daily"),
    ("cron", "60 * * * *"),
    ("cron", "0 24 * * *"),
    ("cron", "0 0 32 * *"),
    ("cron", "0 0 0 * *"),
    ("cron", "0 0 * 13 *"),
    ("cron", "0 0 * * 8"),
    ("cron", "*/0 * * * *"),
    ("cron", "1,,2 * * * *"),
    ("cron", "H * * * *"),
    ("cron", "R * * * *"),
    ("cron", "\u0661 * * * *"),
    ("cron", "1-99999999999 * * * *"),
    ("cron", ""),
    ("cron", "*" * 100_000),
    ("timezone", "etc/utc"),
    ("timezone", "Europe/Atlantis"),
    ("timezone", "GMT+2"),
    ("timezone", "+02:00"),
    ("timezone", "localtime"),
    ("timezone", "../Etc/UTC"),
    ("timezone", "/usr/share/zoneinfo/UTC"),
    ("timezone", ""),
]


@pytest.mark.parametrize(("name", "value"), RIGHT)
def test_right_value_gives_no_finding(name: str, value: str) -> None:
    """Whatever the format's own text allows is fine."""
    assert ORACLE.findings(changed(CRON, WHERE[name], value)) == []


@pytest.mark.parametrize(("name", "value"), WRONG)
def test_wrong_value_is_one_finding(name: str, value: str) -> None:
    """A broken format is one finding at its location that names the format."""
    findings = ORACLE.findings(changed(CRON, WHERE[name], value))

    assert told(findings) == [("violation", WHERE[name], "format")]
    assert findings[0].expected == name


def test_no_text_makes_the_cron_check_raise() -> None:
    """It is the server's text: whatever it is, the check says yes or no."""
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
