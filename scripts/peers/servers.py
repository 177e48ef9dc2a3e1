"""Servers that other projects wrote, each as a child process on a loopback port."""

from __future__ import annotations

import copy
import hashlib
import json
import shutil
import socket
import subprocess
import time
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attrs import field, frozen

from contract_tests.instances.population import encode
from contract_tests.mock_server.serving import HOST, running

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from contract_tests.spec.contract import Contract

ROOT = Path(__file__).parents[2]
PRISM = ROOT / "benchmarks" / "prism"
_START_SECONDS = 60.0
_POLL_SECONDS = 0.05

NGINX = """
daemon off;
master_process off;
pid {folder}/nginx.pid;
events {{}}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    proxy_cache_path {folder}/cache keys_zone=jobs:1m;
    gzip on;
    gzip_types application/json;
    gzip_min_length 0;
    server {{
        listen {host}:{port};
        location / {{
            proxy_pass {upstream};
            proxy_cache jobs;
            proxy_cache_valid 200 1m;
            proxy_cache_key "$request_uri{key}";
        }}
    }}
}}
"""


class NotAvailableError(Exception):
    """A peer that is not installed and can't be; the message says why."""


class StartError(Exception):
    """A peer that is installed and does not start; the message is its last line."""


@frozen
class Server:
    """A running server.

    Attributes:
        url: Its base URL.
        version: The version of its software.
        variables: The environment variables to set for a run against it.
    """

    url: str
    version: str
    variables: Mapping[str, str] = field(factory=dict)


@contextmanager
def prism(
    contract: Contract, folder: Path, *, dynamic: bool = False, other_bound: bool = False
) -> Iterator[Server]:
    """Serve `contract` with Prism, with one number below its bound if `other_bound`."""
    data = copy.deepcopy(contract.document.data)
    if other_bound:
        bound = next(_required_minimums(data["components"]), None)
        if bound is None:
            raise NotAvailableError("no required number of the contract has a minimum")
        bound |= {"minimum": bound["minimum"] - 1, "maximum": bound["minimum"] - 1}
        for name in ("default", "example", "examples"):
            bound.pop(name, None)
    program, version = install_prism(ROOT / ".bench")
    options = ["--host", HOST, "--port", "{port}", *(["--dynamic"] if dynamic else [])]
    document = _write(folder / "document.json", data)
    command: list[str | Path] = ["node", program, "mock", *options, document]
    with _child(command, folder) as url:
        yield Server(url, version)


@contextmanager
def mockoon(contract: Contract, folder: Path) -> Iterator[Server]:
    """Serve `contract` with Mockoon CLI."""
    program = on_path("mockoon-cli")
    document = _write(folder / "document.json", contract.document.data)
    options = ["--hostname", HOST, "--port", "{port}", "--disable-log-to-file"]
    version = output([program, "--version"]).split()[0].rpartition("/")[2]
    with _child([program, "start", "--data", document, *options], folder) as url:
        yield Server(url, version)


@contextmanager
def nginx(contract: Contract, folder: Path, key: str = "") -> Iterator[Server]:
    """Serve the mock server behind nginx, which compresses and caches.

    Args:
        contract: The contract.
        folder: An empty folder for the configuration and the cache.
        key: What identifies a response in the cache, in addition to its URL.
    """
    program = on_path("nginx")
    version = output([program, "-v"]).rpartition("/")[2]
    config = folder / "nginx.conf"
    command: list[str | Path] = [program, "-p", folder, "-e", "stderr", "-c", config]
    port = _free_port()
    with running(contract) as mock:
        config.write_text(
            NGINX.format(folder=folder, host=HOST, port=port, upstream=mock.url, key=key), "utf-8"
        )
        with _child(command, folder, port) as url:
            yield Server(url, version)


def install_prism(cache: Path) -> tuple[Path, str]:
    """Return the program and the version of Prism, and install it from its lock if it is missing.

    Raises:
        NotAvailableError: It can't be installed.
    """
    for name in ("node", "npm"):
        on_path(name)
    lock = (PRISM / "package-lock.json").read_bytes()
    folder = cache / f"prism-{hashlib.sha256(lock).hexdigest()[:12]}"
    if not (folder / ".ready").exists():
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(PRISM, folder)
        output(["npm", "ci", "--prefix", folder, "--no-audit", "--no-fund", "--ignore-scripts"])
        (folder / ".ready").touch()
    version = json.loads(lock)["packages"]["node_modules/@stoplight/prism-cli"]["version"]
    return (folder / "node_modules" / ".bin" / "prism").resolve(), version


def on_path(name: str) -> str:
    """Return the path of a program.

    Raises:
        NotAvailableError: It is not on PATH.
    """
    path = shutil.which(name)
    if path is None:
        raise NotAvailableError(f"{name} is not on PATH")
    return path


def output(command: Sequence[str | Path]) -> str:
    """Run a command and return what it prints.

    Raises:
        NotAvailableError: Its exit status is not 0.
    """
    result = subprocess.run(  # noqa: S603 - the peers' own commands
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )
    text = result.stdout.strip()
    if result.returncode != 0:
        last = text.rpartition("\n")[2]
        message = f"{Path(command[0]).name}: exit status {result.returncode}: {last}"
        raise NotAvailableError(message)
    return text


@contextmanager
def _child(command: Sequence[str | Path], folder: Path, port: int | None = None) -> Iterator[str]:
    """Start a server, wait until it accepts connections, and stop it when the context ends."""
    port = port or _free_port()
    words = [str(word).replace("{port}", str(port)) for word in command]
    log = folder / "log.txt"
    with (
        log.open("wb") as lines,
        subprocess.Popen(words, stdout=lines, stderr=lines) as process,  # noqa: S603
    ):
        try:
            deadline = time.monotonic() + _START_SECONDS
            while not _accepts(port):
                if process.poll() is not None or time.monotonic() > deadline:
                    last = log.read_text("utf-8", "replace").strip().rpartition("\n")[2]
                    raise StartError(f"{Path(words[0]).name}: {last or 'no output'}")
                time.sleep(_POLL_SECONDS)
            yield f"http://{HOST}:{port}"
        finally:
            process.kill()


def _accepts(port: int) -> bool:
    with suppress(OSError), socket.create_connection((HOST, port), 1.0):
        return True
    return False


def _free_port() -> int:
    with socket.socket() as free:
        free.bind((HOST, 0))
        port: int = free.getsockname()[1]
        return port


def _write(path: Path, data: dict[str, Any]) -> Path:
    path.write_bytes(encode(data))
    return path


def _required_minimums(node: Any) -> Iterator[dict[str, Any]]:
    """Yield the schemas of required numbers that have a minimum."""
    if isinstance(node, dict):
        required = node.get("required")
        for name in required if isinstance(required, list) else ():
            schema = node.get("properties", {}).get(name, {})
            if "minimum" in schema:
                yield schema
    for inner in (
        node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
    ):
        yield from _required_minimums(inner)
