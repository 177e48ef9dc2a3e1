"""Measures everything beside its peers and writes the tables: `python -m benchmarks --help`."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks import machine
from benchmarks.bench import Bench
from benchmarks.contest import PeerError, Table, hold
from benchmarks.environments import Peers
from benchmarks.processes import ROOT
from benchmarks.report import Report, Section, as_json, figure, markdown, missed
from benchmarks.rows import ROWS
from benchmarks.snapshot import PAGE, SnapshotError, split, write_snapshot
from contract_tests.spec.contract import load

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.contest import Result

ROUNDS = 9
DOCS = ROOT / "docs"
EXIT_BROKEN = 1


def main(argv: Sequence[str] | None = None) -> int:
    """Run the rows; gives the exit status, 1 where a row broke off."""
    args = _parse(argv)
    before = machine.load()
    contract = load()
    cache = args.cache.resolve()
    cache.mkdir(parents=True, exist_ok=True)
    peers = Peers(cache, contract, install=not args.quick)
    versions = peers.versions()
    rounds = args.rounds or (2 if args.quick else ROUNDS)
    with tempfile.TemporaryDirectory(dir=cache) as scratch:
        bench = Bench(contract, peers, Path(scratch), args.quick, args.vendor)
        sections = [_section(bench, name, rounds) for name in args.rows or ROWS]
    facts = {
        **machine.facts(),
        "rounds": str(rounds),
        "load before and after": f"{before} and {machine.load()}",
    }
    report = Report(tuple(sections), facts, versions, args.quick)
    for path in _write(report, args.report_dir):
        print(f"wrote {path}")
    if args.snapshot:
        for path in write_snapshot(report, DOCS):
            print(f"wrote {path}")
    print(f"{len(missed(report))} goals missed")
    return EXIT_BROKEN if any(section.fault for section in sections) else 0


def _parse(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description="Measure everything beside its peers, which are installed into .bench/.",
        epilog="rows: " + ", ".join(ROWS),
    )
    add = parser.add_argument
    add("rows", nargs="*", metavar="ROW", help="measure these alone (all)")
    add(
        "--quick",
        action="store_true",
        help="a minute at most, and nothing installed: shows that the bench works, no more",
    )
    add("--rounds", type=int, metavar="N", help=f"how often each is measured ({ROUNDS})")
    add(
        "--vendor",
        type=Path,
        metavar="FILE",
        help="the vendor's document, for `compare`; without it one of like size is made",
    )
    add("--report-dir", type=Path, default=ROOT / "reports" / "bench", metavar="DIR")
    add("--cache", type=Path, default=ROOT / ".bench", metavar="DIR", help="where peers are put")
    add(
        "--snapshot",
        action="store_true",
        help="write the figures into docs/benchmarks.md and its picture, too",
    )
    args = parser.parse_args(argv)
    unknown = [row for row in args.rows if row not in ROWS]
    if unknown:
        parser.error(f"no row {unknown[0]!r}; expected some of {', '.join(ROWS)}")
    if args.rounds is not None and args.rounds < 1:
        parser.error("--rounds: expected 1 or more")
    if args.vendor is not None and not args.vendor.is_file():
        parser.error(f"--vendor: there is no file {args.vendor}")
    if args.snapshot:
        if args.quick or args.rows:
            parser.error("--snapshot takes a whole run: no --quick, and no ROW")
        try:
            split((DOCS / PAGE).read_text("utf-8"))
        except (OSError, SnapshotError) as error:
            parser.error(f"--snapshot: docs/{PAGE}: {error}")
    return args


def _section(bench: Bench, name: str, rounds: int) -> Section:
    title, row = ROWS[name]
    results: list[Result | Table] = []
    begun = time.perf_counter()
    fault = None
    contests = row(bench)
    try:
        for contest in contests:
            if isinstance(contest, Table):
                results.append(contest)
                continue
            result = hold(contest, rounds)
            results.append(result)
            print(_line(result), flush=True)
    except (PeerError, OSError) as error:  # the other rows may still be measured
        fault = str(error)
    finally:
        contests.close()
    print(f"{name}: {time.perf_counter() - begun:.0f} s{f'; broke off: {fault}' if fault else ''}")
    return Section(name, title, tuple(results), fault)


def _line(result: Result) -> str:
    scores = [f"{score.name} {figure(score.median, result.unit)}" for score in result.scores]
    absent = [f"{each.name} not measured ({each.reason})" for each in result.absent]
    return f"{result.title}: {'; '.join([*scores, *absent])}"


def _write(report: Report, folder: Path) -> list[Path]:
    folder.mkdir(parents=True, exist_ok=True)
    table, data = folder / "bench.md", folder / "bench.json"
    table.write_text(f"# Benchmarks\n\n{markdown(report)}", "utf-8")
    data.write_text(json.dumps(as_json(report), indent=1, ensure_ascii=False) + "\n", "utf-8")
    return [table, data]


if __name__ == "__main__":
    sys.exit(main())
