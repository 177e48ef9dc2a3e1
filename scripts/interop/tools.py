"""The generators, and how each is run and its output tried."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from attrs import evolve, frozen

from scripts.interop.cases import failed_lines

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from scripts.interop.cases import Cases

ROOT = Path(__file__).parents[2]
HERE = Path(__file__).parent
TOOLS = ROOT / "tools"
LOCKS = (ROOT / "requirements.lock", ROOT / "benchmarks" / "peers.txt")
TIMEOUT = 600
YES, SKIPPED, UNKNOWN = "yes", "skipped", "–"  # noqa: RUF001 - a dash in a table


class Failed(Exception):  # noqa: N818 - the outcome of a step
    """A command failed; the message is its output."""


class Missing(Exception):  # noqa: N818 - a reason to skip
    """A tool is not installed; the message says what to do."""


@frozen
class Row:
    """What was measured of one generator; a column that was not measured is a dash."""

    tool: str
    version: str
    generates: str = UNKNOWN
    compiles: str = UNKNOWN
    right: str = UNKNOWN
    ranges: str = UNKNOWN


@frozen
class Tool:
    """A generator.

    Attributes:
        name: Its name in the table.
        package: The name of its package in a lock.
        generate: Returns the command line for a document and an output folder.
        probe: Compiles the output in a folder and tries the cases; returns how many valid jobs
            are decoded to the right variant, and how many jobs out of range are refused.
    """

    name: str
    package: str
    generate: Callable[[Path, Path], Sequence[str | Path]]
    probe: Callable[[Path, Cases], tuple[int, int]]

    @property
    def version(self) -> str:
        """The locked version of the package."""
        npm = json.loads((TOOLS / "package.json").read_text("utf-8"))["devDependencies"]
        lines = "\n".join(lock.read_text("utf-8") for lock in LOCKS)
        found = re.search(rf"^{re.escape(self.package)}==([^\s;]+)", lines, re.MULTILINE)
        return found[1] if found else str(npm[self.package])


def measure(tool: Tool, document: Path, given: Cases, folder: Path) -> Row:
    """Generate code from `document` into `folder`, compile it and decode the cases."""
    row = Row(tool.name, tool.version)
    try:
        (folder / "cases.json").write_text(given.as_json(), "utf-8")
        run(tool.generate(document, folder), folder)
        row = evolve(row, generates=YES)
        right, refused = tool.probe(folder, given)
    except Missing as reason:
        return evolve(row, generates=f"{SKIPPED}: {reason}")
    except Failed as reason:
        column = "compiles" if row.generates == YES else "generates"
        return evolve(row, **{column: f"no: {_summary(str(reason), folder)}"})
    row = evolve(row, compiles=YES, right=f"{right} of {len(given.valid)}")
    count = len(given.out_of_range)
    if right < len(given.valid) or not count:  # code that refuses valid jobs keeps no ranges
        return row
    return evolve(row, ranges={0: "no", count: YES}.get(refused, f"{refused} of {count}"))


def _summary(output: str, folder: Path) -> str:
    """Return the line of a command's output that says why it failed, without paths."""
    lines = [line.strip() for line in output.splitlines() if line.strip()] or ["no output"]
    errors = [line for line in lines if "error" in line.lower()]
    return (errors or lines[-1:])[0].replace(f"{folder}/", "")[:160]


def run(command: Sequence[str | Path], folder: Path) -> str:
    """Run a command in `folder` and return what it prints.

    Raises:
        Failed: It cannot be started, takes too long, or its exit status is not 0.
    """
    folders = [Path(sys.executable).parent, Path(command[0]).parent]
    paths = [*map(str, folders), os.environ.get("PATH", "")]
    env = {**os.environ, "PATH": os.pathsep.join(paths), "PYTHONPATH": str(folder)}
    words = list(map(str, command))
    try:
        done = subprocess.run(  # noqa: S603 - the commands of this module
            words, cwd=folder, env=env, capture_output=True, text=True, timeout=TIMEOUT, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Failed(f"{Path(words[0]).name}: {type(error).__name__}") from error
    if done.returncode:
        raise Failed(done.stdout + done.stderr)
    return done.stdout


@lru_cache(maxsize=1)
def _peers() -> Path:
    """Return the `bin` folder of the environment of the benchmarks, which has the Python tools."""
    try:
        # `scripts` may not import `benchmarks`.
        output = run([sys.executable, "-m", "benchmarks.peers"], ROOT)
    except Failed as error:
        raise Missing("the tool cannot be installed") from error
    return Path(output.split()[-1]).parent


def _need(*programs: str) -> None:
    for program in programs:
        if shutil.which(program) is None:
            raise Missing(f"{program} is not installed")


def _node(name: str) -> list[str | Path]:
    _need("node")
    program = TOOLS / "node_modules" / ".bin" / name
    if not program.exists():
        raise Missing(f"{name} is not installed: npm ci --prefix tools")
    return ["node", program.resolve()]


def _stock(document: Path, folder: Path) -> Sequence[str | Path]:
    command = [sys.executable, "-m", "openapi_python_client", "generate", "--meta", "none"]
    return [*command, "--path", document, "--output-path", folder / "client"]


def _datamodel(document: Path, folder: Path) -> Sequence[str | Path]:
    return [
        *(_peers() / "datamodel-codegen", "--input-file-type", "openapi", "--input", document),
        *("--output", folder / "client.py", "--output-model-type", "pydantic_v2.BaseModel"),
        *("--target-python-version", "3.11", "--formatters", "builtin"),
    ]


def _openapi_generator(kind: str) -> Callable[[Path, Path], Sequence[str | Path]]:
    def command(document: Path, folder: Path) -> Sequence[str | Path]:
        _need("java")
        options = ["-g", kind, "--additional-properties=packageName=client"]
        target = folder if kind == "python" else folder / "client"
        program = _peers() / "openapi-generator-cli"
        return [program, "generate", *options, "-i", document, "-o", target]

    return command


def _openapi_typescript(document: Path, folder: Path) -> Sequence[str | Path]:
    # Without the option a property with a default may not be absent.
    options: list[str | Path] = ["--default-non-nullable=false", "--output", folder / "schema.ts"]
    return [*_node("openapi-typescript"), document, *options]


def _python(kind: str) -> Callable[[Path, Cases], tuple[int, int]]:
    def probe(folder: Path, _: Cases) -> tuple[int, int]:
        python = Path(sys.executable) if kind == "stock" else _peers() / "python"
        return _counts(run([python, HERE / "probe.py", kind, folder / "cases.json"], folder))

    return probe


def _counts(output: str) -> tuple[int, int]:
    counts = json.loads(output.splitlines()[-1])
    return counts["right"], counts["refused"]


def _fetch(folder: Path, _: Cases) -> tuple[int, int]:
    options = ["--strict", "--target", "es2020", "--module", "commonjs", "--lib", "es2020,dom"]
    source = folder / "client" / "index.ts"
    run([*_node("tsc"), *options, "--outDir", folder / "out", source], folder)
    return _counts(run(["node", HERE / "probe.cjs", folder / "out", folder / "cases.json"], folder))


def _types(folder: Path, given: Cases) -> tuple[int, int]:
    options = ["--strict", "--noEmit", "--target", "es2020"]
    run([*_node("tsc"), *options, "schema.ts"], folder)
    text, valid, invalid = given.as_typescript()
    (folder / "probe.ts").write_text(text, "utf-8")
    try:
        run([*_node("tsc"), *options, "probe.ts"], folder)
        failed = set()
    except Failed as error:
        failed = failed_lines(str(error))
    right = sum(all((line not in failed) is fits for line, fits in lines) for lines in valid)
    return right, sum(line in failed for line in invalid)


ALL = (
    Tool("openapi-python-client", "openapi-python-client", _stock, _python("stock")),
    Tool("datamodel-code-generator", "datamodel-code-generator", _datamodel, _python("pydantic")),
    Tool(
        "openapi-generator python",
        "openapi-generator-cli",
        _openapi_generator("python"),
        _python("openapi_generator"),
    ),
    Tool(
        "openapi-generator typescript-fetch",
        "openapi-generator-cli",
        _openapi_generator("typescript-fetch"),
        _fetch,
    ),
    Tool("openapi-typescript", "openapi-typescript", _openapi_typescript, _types),
)
