"""Serves the mock server until a signal ends it: `python -m contract_tests.mock_server --help`."""

from __future__ import annotations

import argparse
import signal
import sys
import threading
from typing import TYPE_CHECKING

from contract_tests.instances.population import population
from contract_tests.mock_server.page import ready
from contract_tests.mock_server.serving import HOST, running
from contract_tests.mutants.catalogue import MutantError, catalogue, listing
from contract_tests.spec.contract import load
from contract_tests.spec.document import DocumentError

if TYPE_CHECKING:
    from collections.abc import Sequence

EXIT_WRONG_USE = 2


def main(argv: Sequence[str] | None = None) -> int:
    """Serve until SIGINT or SIGTERM; gives the exit status."""
    args = _parse(argv)
    ended = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: ended.set())
    try:
        contract = load()
        if args.list_mutants:
            print(listing(catalogue(contract, population(contract, args.seed))))
            return 0
        with running(
            contract,
            seed=args.seed,
            port=args.port,
            mutant=args.mutant,
            rate=args.rate,
            latency=args.latency,
        ) as server:
            print(ready(contract, server.population, server.url, args.mutant), flush=True)
            ended.wait()
    except (DocumentError, MutantError) as error:
        return _wrong(str(error))
    except OSError as error:
        return _wrong(f"port {args.port} of {HOST}: {error.strerror}; try --port 0 for a free one")
    return 0


def _parse(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m contract_tests.mock_server",
        description="Serve made-up jobs on loopback, as the contract says that a server must.",
    )
    add = parser.add_argument
    add("--port", type=_port, default=4010, help="where to listen; 0 for any free port (4010)")
    add("--seed", type=int, default=0, help="which jobs to serve (0)")
    add("--mutant", metavar="NAME", help="the fault that the server has; see --list-mutants")
    add("--list-mutants", action="store_true", help="list every fault by name, and end")
    add("--rate", type=_count, help="requests an hour for each credential (any number)")
    add("--latency", type=_seconds, default=0.0, metavar="SECONDS", help="longest delay (0)")
    return parser.parse_args(argv)


def _port(text: str) -> int:
    port = int(text)
    if not 0 <= port <= 65_535:  # noqa: PLR2004
        raise argparse.ArgumentTypeError(f"{text} is no port; expected 0 to 65535")
    return port


def _count(text: str) -> int:
    count = int(text)
    if count < 0:
        raise argparse.ArgumentTypeError(f"{text} is no number of requests; expected 0 or more")
    return count


def _seconds(text: str) -> float:
    seconds = float(text)
    if not 0 <= seconds <= 3600:  # noqa: PLR2004
        raise argparse.ArgumentTypeError(f"{text} is no delay; expected 0 to 3600 seconds")
    return seconds


def _wrong(message: str) -> int:
    print(f"mock_server: {message}", file=sys.stderr)
    return EXIT_WRONG_USE


if __name__ == "__main__":
    sys.exit(main())
