"""Install the built wheel into a new environment and use it: `python -m scripts.release.try_wheel`.

As an importer does: without the lock, and without the checkout on the path. Needs only Python.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import tempfile
import venv
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

ROOT = Path(__file__).parents[2]
PAYLOADS = ROOT / "tests" / "payloads"
EXIT_FAILED = 1
# Runs in the new environment, isolated.
USE = """
import json, sys, threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from importlib.metadata import metadata
from pathlib import Path

import qovery_job_client as package

for path in sorted(Path(sys.argv[1]).glob("*.json")):
    body = path.read_bytes()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.handle_request, daemon=True).start()
        with package.Client(f"http://127.0.0.1:{server.server_port}") as client:
            job = package.get_job.sync(json.loads(body)["id"], client=client)
    assert str(job.id) == json.loads(body)["id"], path
    print(f"{path.name}: {type(job).__name__}")
assert package.CONTRACT_SHA256 in metadata("qovery-job-client").get_payload()
assert (Path(package.__file__).parent / "py.typed").exists()
"""


def main(argv: Sequence[str] | None = None) -> int:
    """Install and use the wheel; return the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m scripts.release.try_wheel", description=__doc__
    )
    parser.add_argument("--versions", choices=("newest", "oldest"), default="newest")
    parser.add_argument(
        "--directory", type=Path, default=ROOT / "dist", help="the folder of the wheel"
    )
    args = parser.parse_args(argv)
    wheels = list(args.directory.glob("qovery_job_client-*.whl"))
    if len(wheels) != 1:
        print(
            f"{args.directory}: expected one wheel, got {len(wheels)}; run `make dist` first",
            file=sys.stderr,
        )
        return EXIT_FAILED
    with tempfile.TemporaryDirectory() as scratch:
        return _try(wheels[0], args.versions, Path(scratch))


def _try(wheel: Path, versions: str, scratch: Path) -> int:
    venv.create(scratch / "venv", with_pip=True)
    python = scratch / "venv" / ("Scripts" if sys.platform == "win32" else "bin") / "python"
    constraints = scratch / "constraints.txt"
    constraints.write_text("".join(f"{line}\n" for line in oldest(wheel) if versions == "oldest"))
    quiet = ("--quiet", "--disable-pip-version-check")
    for command in (
        (python, "-m", "pip", "install", *quiet, "--constraint", constraints, wheel),
        (python, "-m", "pip", "check", "--disable-pip-version-check"),
        (python, "-m", "pip", "list", "--disable-pip-version-check"),
        (python, "-I", "-W", "error", "-c", USE, PAYLOADS),
    ):
        done = subprocess.run([str(part) for part in command], cwd=scratch, check=False)  # noqa: S603
        if done.returncode:
            print(
                f"{wheel.name} with {versions} versions failed",
                file=sys.stderr,
            )
            return EXIT_FAILED
    return 0


def oldest(wheel: Path) -> list[str]:
    """Return a constraint for each lower bound of the wheel's dependencies."""
    with zipfile.ZipFile(wheel) as archive:
        (name,) = (name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        text = archive.read(name).decode()
    required = re.findall(
        r"^Requires-Dist: ([\w.-]+)[^;\n]*?>=([\d.]+)[^;\n]*$", text, re.MULTILINE
    )
    return [f"{package}=={version}" for package, version in required]


if __name__ == "__main__":
    sys.exit(main())
