"""Take the screenshot of a report that the README and the documentation show.

Run `python -m scripts.docs.pictures` after a change of the HTML report; it needs a browser.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from contract_tests.mock_server import population, running
from contract_tests.mutants.catalogue import catalogue
from contract_tests.run.run import run_checks
from contract_tests.run.target import Target, credential
from contract_tests.spec.contract import load
from scripts.report import build, write_reports

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")
PICTURE = Path(__file__).parents[2] / "docs" / "report.png"
_MUTANT = "-unknown-member"  # the most frequent drift: a new enum member
_SIZE = "840,840"  # pixels
_SECONDS = 60


def main() -> int:
    """Check a server with a new enum member and write a screenshot of the HTML report."""
    chromium = next(filter(None, map(shutil.which, BROWSERS)), None)
    if chromium is None:
        sys.exit(f"no browser found; expected one of {', '.join(BROWSERS)}")
    contract = load()
    mutants = catalogue(contract, population(contract)).bodies.values()
    mutant = next(mutant.short for mutant in mutants if _MUTANT in mutant.name)
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        with running(contract, mutant=mutant) as server:
            target = Target(server.url, server.known_ids, credential(contract))
            run = run_checks(contract, target, sleep=lambda _: None)
        write_reports(build(run, contract, folder), folder)
        flags = ["--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars"]
        flags += [f"--user-data-dir={folder / 'profile'}", f"--window-size={_SIZE}"]
        page = (folder / "drift.html").as_uri()
        subprocess.run(  # noqa: S603 - a browser of this machine, a page of ours
            [chromium, *flags, f"--screenshot={PICTURE}", page],
            capture_output=True,
            timeout=_SECONDS,
            check=True,
        )
    print(f"wrote {PICTURE.relative_to(Path.cwd())}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
