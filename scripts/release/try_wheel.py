"""Install the built wheel into a new environment and use it: `python -m scripts.release.try_wheel`.

As an importer does: without the lock, and without the checkout on the path. The jobs that it reads
are those of the wheel of the mock server, installed elsewhere. Needs only Python.
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
EXIT_FAILED = 1
# Writes the jobs of the mock server, by id.
JOBS = """
import json, sys
from pathlib import Path

sys.path.insert(0, sys.argv[1])
from qovery_job_client_testing import MockJobs

jobs = MockJobs()
Path(sys.argv[2]).write_text(json.dumps({each: jobs.body(each) for each in jobs.ids}))
"""
# Runs in the new environment, isolated.
USE = """
import json, sys, threading
from collections import Counter
from http.server import BaseHTTPRequestHandler, HTTPServer
from importlib.metadata import metadata
from pathlib import Path

import qovery_job_client as package

jobs = json.loads(Path(sys.argv[1]).read_text())

class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        body = json.dumps(jobs[self.path.rpartition("/")[2]]).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass

read = Counter()
with HTTPServer(("127.0.0.1", 0), Handler) as server:
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with package.Client(f"http://127.0.0.1:{server.server_port}", strict=True) as client:
        for job_id in jobs:
            job = package.get_job.sync(job_id, client=client)
            assert str(job.id) == job_id
            read[type(job).__name__] += 1
    server.shutdown()
assert read
print("read", ", ".join(f"{number} {name}" for name, number in read.items()))
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
    wheels: list[Path] = []
    for name in ("qovery_job_client", "qovery_job_client_testing"):
        found = list(args.directory.resolve().glob(f"{name}-*.whl"))
        if len(found) != 1:
            print(
                f"{args.directory}: expected one wheel of {name}, got {len(found)}; "
                "run `make dist` first",
                file=sys.stderr,
            )
            return EXIT_FAILED
        wheels += found
    with tempfile.TemporaryDirectory() as scratch:
        return _try(wheels[0], wheels[1], args.versions, Path(scratch))


def _try(wheel: Path, testing: Path, versions: str, scratch: Path) -> int:
    venv.create(scratch / "venv", with_pip=True)
    python = scratch / "venv" / ("Scripts" if sys.platform == "win32" else "bin") / "python"
    constraints = scratch / "constraints.txt"
    constraints.write_text("".join(f"{line}\n" for line in oldest(wheel) if versions == "oldest"))
    quiet = ("--quiet", "--disable-pip-version-check")
    server, jobs = scratch / "server", scratch / "jobs.json"
    for command in (
        (python, "-m", "pip", "install", *quiet, "--constraint", constraints, wheel),
        (python, "-m", "pip", "check", "--disable-pip-version-check"),
        (python, "-m", "pip", "list", "--disable-pip-version-check"),
        (python, "-m", "pip", "install", *quiet, "--target", server, wheel, testing),
        (python, "-I", "-c", JOBS, server, jobs),
        (python, "-I", "-W", "error", "-c", USE, jobs),
    ):
        done = subprocess.run([str(part) for part in command], cwd=scratch, check=False)  # noqa: S603
        if done.returncode:
            print(f"{wheel.name} with {versions} versions failed", file=sys.stderr)
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
