"""`python -m contract_tests.mock_server`: starts, ends on a signal, and explains usage errors."""

from __future__ import annotations

import re
import signal
import socket
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest

from contract_tests.mock_server import running
from contract_tests.spec.contract import load

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
COMMAND = [sys.executable, "-m", "contract_tests.mock_server"]


@contextmanager
def started(*arguments: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Start the command; yield the process and what it prints."""
    with subprocess.Popen(
        [*COMMAND, "--port", "0", *arguments], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        try:
            lines = []
            for line in process.stdout:
                lines.append(line)
                if line.startswith("curl"):
                    break
            yield process, "".join(lines)
        finally:
            process.kill()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_is_ready_and_ends_on_a_signal(number: signal.Signals) -> None:
    """It prints a command that works, and exits with 0 on a signal."""
    with started() as (process, printed):
        (url,) = re.findall(r"^  (http://127\.0\.0\.1:\d+)$", printed, re.MULTILINE)
        (address,) = re.findall(rf'curl -H "Authorization: Token any" "({url}/job/.+)"', printed)
        response = httpx.get(address, headers={"Authorization": "Token any"})
        process.send_signal(number)

        assert process.wait(10) == 0
    assert response.status_code == 200
    assert {"LifecycleJob", "CronJob"} <= set(printed.split())


def test_shutdown_with_open_connection() -> None:
    """A response that is still to come does not keep the server from ending."""
    with started("--latency", "3600") as (process, printed):
        (address,) = re.findall(r'"(http://.+)"', printed)
        host, port = httpx.URL(address).host, httpx.URL(address).port
        assert port is not None
        with socket.create_connection((host, port)) as waiting:
            path = httpx.URL(address).path
            request = f"GET {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Token any\r\n\r\n"
            waiting.sendall(request.encode())
            httpx.get(address.partition("/job")[0])  # so the one before it has arrived
            process.send_signal(signal.SIGTERM)

            assert process.wait(10) == 0


def test_a_port_in_use_is_one_line() -> None:
    """The message names the port and says what to do."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        ended = subprocess.run(
            [*COMMAND, "--port", str(port)], cwd=ROOT, capture_output=True, text=True, check=False
        )

    assert ended.returncode == 2
    assert ended.stdout == ""
    assert re.fullmatch(
        rf"contract_tests.mock_server: port {port} .*in use; try --port 0.*\n", ended.stderr
    )


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--port", "70000"], "expected a port from 0 to 65535"),
        (["--port", "x"], "'x'; expected a port"),
        (["--rate", "-1"], "'-1'; expected a number of 0 or more"),
        (["--latency", "x"], "'x'; expected 0 to 3600 seconds"),
        (["--mutant", "gpu-below-minimun"], "similar names: gpu-below-minimum"),
        (["--contract", "none.yaml"], "none.yaml: No such file"),
    ],
)
def test_usage_errors(arguments: list[str], says: str) -> None:
    """One line, and exit status 2."""
    ended = subprocess.run(
        [*COMMAND, "--port", "0", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )

    assert ended.returncode == 2
    assert says in ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_port_is_free_again_at_once() -> None:
    """The next server can have the port."""
    contract = load()
    with running(contract) as first:
        port = httpx.URL(first.url).port
        httpx.get(first.url)
    assert port is not None

    with running(contract, port=port) as second:
        assert httpx.get(second.url).status_code == 200
