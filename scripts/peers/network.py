"""The mock server behind TLS with a private CA, and behind an HTTP proxy."""

from __future__ import annotations

import select
import socket
import ssl
import threading
from contextlib import contextmanager
from functools import partial
from socketserver import StreamRequestHandler, ThreadingTCPServer
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from contract_tests.instances.population import population
from contract_tests.mock_server.application import application
from contract_tests.mock_server.serving import HOST, running, serving
from scripts.peers.servers import Server, on_path, output

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from contract_tests.spec.contract import Contract

# A name that no resolver knows: only the proxy can reach it.
NAME = "peer.example"
_BYTES = 65_536
_IDLE_SECONDS = 30.0

OPENSSL = f"""
[req]
distinguished_name = name
[name]
[ca]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign
subjectKeyIdentifier = hash
[server]
basicConstraints = critical, CA:FALSE
subjectAltName = DNS:{NAME}, IP:{HOST}
authorityKeyIdentifier = keyid
"""


def certificate(folder: Path, name: str, extensions: str, issuer: str | None = None) -> Path:
    """Write `name`.pem and `name`.key, signed by `issuer` or by itself; return the former."""
    config = folder / "openssl.cnf"
    config.write_text(OPENSSL, "utf-8")
    path = folder / f"{name}.pem"
    command: list[str | Path] = [on_path("openssl"), "req", "-x509", "-days", "1"]
    command += ["-subj", f"/CN={name}", "-config", config, "-extensions", extensions]
    command += ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
    if issuer:
        command += ["-CA", folder / f"{issuer}.pem", "-CAkey", folder / f"{issuer}.key"]
    output([*command, "-keyout", path.with_suffix(".key"), "-out", path])
    return path


@contextmanager
def tls(contract: Contract, folder: Path, trusted: str | None = "ca") -> Iterator[Server]:
    """Serve https with a certificate of the private CA `ca`; the run trusts the CA `trusted`."""
    for name in ("ca", "other"):
        certificate(folder, name, "ca")
    files = certificate(folder, "server", "server", issuer="ca"), folder / "server.key"
    variables = {"SSL_CERT_FILE": str(folder / f"{trusted}.pem")} if trusted else {}
    with serving(application(contract, population(contract)), certificate=files) as url:
        yield Server(url, ssl.OPENSSL_VERSION.split()[1], variables)


@contextmanager
def proxied(contract: Contract, folder: Path, *, refuses: bool = False) -> Iterator[Server]:
    """Serve https under a name that only an HTTP proxy can reach."""
    with tls(contract, folder) as server:
        port = urlsplit(server.url).port
        with _proxy(None if refuses else port) as proxy:
            variables = {**server.variables, "HTTPS_PROXY": proxy}
            yield Server(f"https://{NAME}:{port}", server.version, variables)


@contextmanager
def beside_proxy(contract: Contract, _folder: Path) -> Iterator[Server]:
    """Serve plain http while the environment names a proxy that refuses every request."""
    with running(contract) as mock, _proxy(None) as proxy:
        yield Server(mock.url, "", {"HTTP_PROXY": proxy, "ALL_PROXY": proxy})


class _Connect(StreamRequestHandler):
    """Responds to CONNECT with a tunnel to `port` of loopback, whatever host it names."""

    disable_nagle_algorithm = True

    def __init__(self, port: int | None, *args: object) -> None:
        self._port = port
        super().__init__(*args)  # type: ignore[arg-type]

    def handle(self) -> None:
        while self.rfile.readline().strip():
            pass
        if self._port is None:
            self.wfile.write(b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n")
            return
        with socket.create_connection((HOST, self._port)) as server:
            server.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.wfile.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
            ends = {self.connection: server, server: self.connection}
            while ready := select.select(list(ends), [], [], _IDLE_SECONDS)[0]:
                for end in ready:
                    data = end.recv(_BYTES)
                    if not data:
                        return
                    ends[end].sendall(data)


class _Proxy(ThreadingTCPServer):
    daemon_threads = True
    block_on_close = False


@contextmanager
def _proxy(port: int | None) -> Iterator[str]:
    """Run an HTTP proxy that tunnels to `port` of loopback, or refuses; yield its URL."""
    with _Proxy((HOST, 0), partial(_Connect, port)) as server:
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        try:
            yield f"http://{HOST}:{server.server_address[1]}"
        finally:
            server.shutdown()
