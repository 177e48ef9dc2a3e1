"""Create .venv from requirements.lock: `python3 scripts/install.py`, or `make install`.

Needs only Python. uv installs the packages in seconds: the one on the path or, if there is none,
the one in the lock, which pip installs into .venv first. If uv cannot reach the package index that
pip is configured for, pip installs everything.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
LOCK = ROOT / "requirements.lock"
MINIMUM = (3, 11)
PIP = ("-m", "pip", "install", "--disable-pip-version-check", "--require-hashes")
_ENTRY = re.compile(r"^[a-z0-9].*(?:\n .*)*", re.MULTILINE)


def main() -> int:
    """Create the environment and return the exit status."""
    if sys.version_info < MINIMUM:
        return _fail(
            f"Python {MINIMUM[0]}.{MINIMUM[1]} or newer is required, this is {_version()}",
            "name another interpreter, for example: make PYTHON=python3.13",
        )
    start = time.monotonic()
    uv = shutil.which("uv")
    print(f"creating .venv with Python {_version()}", flush=True)
    if VENV.is_symlink():  # --clear would empty the environment that it points to
        VENV.unlink()
    options = ["--clear", "--without-pip"] if uv else ["--clear"]
    if _run([sys.executable, "-m", "venv", *options, VENV]):
        return _fail("cannot create .venv", "on Debian and Ubuntu: apt-get install python3-venv")
    python = VENV / ("Scripts" if sys.platform == "win32" else "bin") / "python"
    if _install(uv, python):
        return _fail(
            "cannot install requirements.lock, see above",
            "check the network and the proxy; for another package index set UV_DEFAULT_INDEX (uv) "
            "or PIP_INDEX_URL (pip)",
        )
    _make_importable(python)
    (VENV / ".ready").touch()
    print(f"installed in {time.monotonic() - start:.0f} s")
    return 0


def _install(uv: str | None, python: Path) -> int:
    """Install the lock and return the exit status of the last command."""
    entries = _ENTRY.findall(LOCK.read_text("utf-8"))
    if uv is None:
        print("installing uv, which installs the other packages", flush=True)
        with tempfile.TemporaryDirectory() as scratch:
            file = Path(scratch) / "uv.txt"
            file.write_text("\n".join(each for each in entries if each.startswith("uv==")))
            if status := _run([python, *PIP, "--quiet", "--requirement", file]):
                return status
    print(f"installing {len(entries)} packages", flush=True)
    installer: list[str | Path] = [uv] if uv else [python, "-m", "uv"]
    options: list[str | Path] = [
        "--require-hashes",
        "--quiet",
        "--python",
        python,
        "--requirement",
        LOCK,
    ]
    if os.environ.get("PYTHONDONTWRITEBYTECODE"):  # otherwise each package is compiled once used
        options.append("--compile-bytecode")
    if not _run([*installer, "pip", "install", *options]):
        return 0
    print("uv failed; trying pip, which takes a minute", flush=True)
    if uv and (status := _run([python, "-m", "ensurepip", "--default-pip"])):
        return status
    return _run([python, *PIP, "--requirement", LOCK])


def _make_importable(python: Path) -> None:
    """Let the environment import the packages of this checkout from any working directory."""
    code = "import sysconfig; print(sysconfig.get_path('purelib'))"
    packages = subprocess.check_output([python, "-c", code], text=True).strip()  # noqa: S603
    paths = [ROOT, ROOT / "generated", ROOT / "testing"]
    (Path(packages) / "checkout.pth").write_text("".join(f"{path}\n" for path in paths))


def _run(command: list[str | Path]) -> int:
    # Let uv trust the certificates and use the index that pip is configured for.
    env = {"UV_SYSTEM_CERTS": "true", "UV_NATIVE_TLS": "true", **os.environ}
    for name, of_uv in (("PIP_CERT", "SSL_CERT_FILE"), ("PIP_INDEX_URL", "UV_DEFAULT_INDEX")):
        if name in os.environ:
            env.setdefault(of_uv, os.environ[name])
    return subprocess.call(list(map(str, command)), cwd=ROOT, env=env)  # noqa: S603


def _version() -> str:
    return sys.version.split()[0]


def _fail(message: str, advice: str) -> int:
    print(f"install: {message}\n{advice}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(_fail("interrupted", "run it again; it starts from the beginning"))
