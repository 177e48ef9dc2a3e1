"""Measure every row: `python -m benchmarks --help`."""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks import calls, mock, models, report, runs, validation
from benchmarks.bench import Bench
from benchmarks.measure import Unavailable
from benchmarks.peers import Peers, interpreter, make_importable, versions
from benchmarks.processes import ROOT
from contract_tests.spec.contract import load

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from benchmarks.measure import Row

ROWS: Mapping[str, Callable[[Bench], Iterator[Row]]] = {
    "decode": models.decode,
    "encode": models.encode,
    "memory": models.memory,
    "import": models.imports,
    "get": calls.sync,
    "async": calls.concurrent,
    "validate": validation.validate,
    "mutants": validation.mutants,
    "mock": mock.mock,
    "runs": runs.runs,
}
ROUNDS = 7
BEGIN, END = "<!-- figures: written by `make bench UPDATE_DOCS=1` -->", "<!-- end of figures -->"


def main(argv: Sequence[str] | None = None) -> int:
    """Run the rows and return the exit status: 1 where one could not be measured."""
    args = _parse(argv)
    cache = ROOT / ".bench"
    cache.mkdir(exist_ok=True)
    # As for users, a second start finds the bytecode of the first, which is kept out of the tree.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    os.environ["PYTHONPYCACHEPREFIX"] = str(cache / "bytecode")
    if not args.quick and Path(sys.prefix).parent != cache:
        try:
            python = interpreter(cache)
        except Unavailable as error:
            print(f"benchmarks: cannot install the peers: {error}", file=sys.stderr)
            return 1
        words = sys.argv[1:] if argv is None else list(argv)
        os.execv(python, [str(python), "-m", "benchmarks", *words])  # noqa: S606
    make_importable(ROOT / "generated")
    load_before = os.getloadavg()[0]
    contract, failed = load(), False
    peers = Peers(cache, contract, quick=args.quick)
    rows: list[Row] = []
    with tempfile.TemporaryDirectory(dir=cache) as scratch:
        bench = Bench(contract, peers, Path(scratch), 1 if args.quick else ROUNDS, args.quick)
        for name in args.rows or ROWS:
            try:
                for row in ROWS[name](bench):
                    rows.append(row)
                    print(f"{row.title}\n  {_line(row)}", flush=True)
            except (Unavailable, OSError) as error:
                failed = True
                print(f"{name}: {error}", file=sys.stderr)
    facts = {
        "date": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "Python": f"{platform.python_implementation()} {platform.python_version()}",
        "machine": f"{platform.system()} {platform.machine()}, {_processor()}, "
        f"{os.cpu_count()} cores",
        "load before and after": f"{load_before:.1f} and {os.getloadavg()[0]:.1f}",
        "rounds": str(bench.rounds),
        "releases": "not recorded in quick mode" if args.quick else versions(),
    }
    _write(args, rows, facts)
    return int(failed)


def _parse(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description="Measure this project and its peers, which are installed into .bench/.",
        epilog="rows: " + ", ".join(ROWS),
    )
    add = parser.add_argument
    add("rows", nargs="*", metavar="ROW", help="measure only these (default: all)")
    add("--quick", action="store_true", help="check that every row works; install nothing")
    add("--report-dir", type=Path, default=ROOT / "reports" / "bench", metavar="DIR")
    add("--update-docs", action="store_true", help="write docs/benchmarks.* and the README table")
    args = parser.parse_args(argv)
    if unknown := [row for row in args.rows if row not in ROWS]:
        parser.error(f"unknown row {unknown[0]!r}; expected one of {', '.join(ROWS)}")
    if args.update_docs and (args.quick or args.rows):
        parser.error("--update-docs needs a complete run, without ROW and --quick")
    return args


def _line(row: Row) -> str:
    measured = [f"{name} {report.figure(min(v), row.unit)}" for name, v in row.values.items()]
    return "; ".join([*measured, *(f"{name}: {why}" for name, why in row.skipped.items())])


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    lines = info.read_text("utf-8").splitlines() if info.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor()


def _write(args: argparse.Namespace, rows: Sequence[Row], facts: Mapping[str, str]) -> None:
    folder: Path = args.report_dir
    folder.mkdir(parents=True, exist_ok=True)
    figures = report.markdown(rows, facts)
    data = json.dumps(report.as_json(rows, facts), indent=1, ensure_ascii=False) + "\n"
    (folder / "bench.md").write_text(f"# Benchmarks\n\n{figures}", "utf-8")
    (folder / "bench.json").write_text(data, "utf-8")
    print(f"wrote {folder / 'bench.md'} and {folder / 'bench.json'}")
    if args.update_docs:
        _replace(ROOT / "docs" / "benchmarks.md", figures)
        _replace(ROOT / "README.md", report.summary(rows) + "\n")
        (ROOT / "docs" / "benchmarks.svg").write_text(report.chart(rows), "utf-8")
        print("wrote docs/benchmarks.md, docs/benchmarks.svg and README.md")


def _replace(page: Path, figures: str) -> None:
    before, begin, rest = page.read_text("utf-8").partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        sys.exit(f"benchmarks: {page}: expected {BEGIN!r} and then {END!r}")
    page.write_text(f"{before}{BEGIN}\n\n{figures}\n{END}{after}", "utf-8")


if __name__ == "__main__":
    sys.exit(main())
