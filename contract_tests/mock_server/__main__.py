"""Run the mock server until it is stopped: `python -m contract_tests.mock_server --help`."""

from __future__ import annotations

import argparse
import math
import signal
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from contract_tests.instances.population import population
from contract_tests.mock_server.page import ready
from contract_tests.mock_server.serving import HOST, running
from contract_tests.mutants.catalogue import MutantError, catalogue, listing
from contract_tests.spec.contract import PATH, load
from contract_tests.spec.document import DocumentError

if TYPE_CHECKING:
    from collections.abc import Sequence

EXIT_USAGE = 2
_MAX_PORT = 65_535
_MAX_LATENCY = 3600


def main(argv: Sequence[str] | None = None) -> int:
    """Serve until SIGINT or SIGTERM; return the exit status."""
    args = _parse(argv)
    ended = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: ended.set())
    try:
        contract = load(args.contract)
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
        return _usage_error(str(error))
    except OSError as error:
        message = f"port {args.port} of {HOST}: {error.strerror}; try --port 0 for a free one"
        return _usage_error(message)
    return 0


def _parse(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m contract_tests.mock_server",
        description="Serve generated jobs on loopback, as the contract describes.",
    )
    add = parser.add_argument
    add(
        "--contract",
        type=Path,
        default=PATH,
        metavar="FILE",
        help="the contract (default: openapi/job.yaml)",
    )
    add("--port", type=_port, default=4010, help="0 for any free port (default: 4010)")
    add("--seed", type=int, default=0, help="the seed of the jobs (default: 0)")
    add("--mutant", metavar="NAME", help="a fault to add to the server; see --list-mutants")
    add("--list-mutants", action="store_true", help="list every mutant by name and exit")
    add("--rate", type=_count, help="requests an hour for each credential (default: no limit)")
    add(
        "--latency",
        type=_seconds,
        default=0.0,
        metavar="SECONDS",
        help="the maximum delay of a response (default: 0)",
    )
    return parser.parse_args(argv)


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) > _MAX_PORT:
        raise argparse.ArgumentTypeError(f"{text!r}; expected a port from 0 to {_MAX_PORT}")
    return int(text)


def _count(text: str) -> int:
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"{text!r}; expected a number of 0 or more")
    return int(text)


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = math.nan
    if not 0 <= seconds <= _MAX_LATENCY:
        raise argparse.ArgumentTypeError(f"{text!r}; expected 0 to {_MAX_LATENCY} seconds")
    return seconds


def _usage_error(message: str) -> int:
    print(f"contract_tests.mock_server: {message}", file=sys.stderr)
    return EXIT_USAGE


if __name__ == "__main__":
    sys.exit(main())
