"""Take screenshots with a browser while the documentation is built."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from contract_tests.mock_server import running
from contract_tests.run.run import run_checks
from contract_tests.run.target import NO_TOKEN, Credential, Target
from scripts.report import build, write_reports

if TYPE_CHECKING:
    from contract_tests.spec.contract import Contract

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")
_SIZE = "1100,900"  # pixels
_SECONDS = 60


def browser() -> str | None:
    """Return the path of a browser, or None where none is installed."""
    return next(filter(None, map(shutil.which, BROWSERS)), None)


def of_report(contract: Contract, mutant: str) -> bytes | None:
    """Return a screenshot of the HTML report of a run against a mutant, as PNG.

    Returns:
        The image, or None where no browser is installed.

    Raises:
        OSError: The browser failed.
    """
    chromium = browser()
    if chromium is None:
        return None
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        with running(contract, mutant=mutant) as server:
            target = Target(server.url, server.known_ids, Credential(NO_TOKEN))
            run = run_checks(contract, target, sleep=lambda _: None)
        write_reports(build(run, contract, folder), folder)
        return _picture(chromium, folder / "drift.html", folder / "report.png")


def _picture(chromium: str, page: Path, target: Path) -> bytes:
    flags = ["--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--no-first-run"]
    flags += ["--disable-background-networking", "--disable-component-update", "--disable-sync"]
    profile = f"--user-data-dir={target.with_suffix('')}"
    size = [f"--window-size={_SIZE}", f"--screenshot={target}"]
    done = subprocess.run(  # noqa: S603 - a browser of this machine, a page of ours
        [chromium, *flags, profile, *size, page.as_uri()],
        capture_output=True,
        timeout=_SECONDS,
        check=False,
        text=True,
    )
    if not target.exists():
        raise OSError(f"{chromium} wrote no screenshot: {done.stderr.strip()[-200:]}")
    return target.read_bytes()
