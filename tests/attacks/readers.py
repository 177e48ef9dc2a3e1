"""Everything of this project that reads from a server, each run once against a URL.

A reader returns what it made of the server and all text that it showed: output, reports,
exceptions with the variables of each frame, log records and warnings.
"""

from __future__ import annotations

import asyncio
import io
import logging
import ssl
import time
import traceback
import warnings
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from enum import Enum
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Final

from attrs import field, frozen
from rich.console import Console

from contract_tests.instances.population import population
from contract_tests.spec.contract import load
from tests.server import TOKEN, response, serve

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from contract_tests.instances.population import Population
    from contract_tests.run.result import Run

DOCUMENT: Final = b'{"openapi": "3.0.3", "info": {"title": "t", "version": "1"}, "paths": {}}'


class Verdict(Enum):
    """What a reader made of a server."""

    ACCEPTED = "accepted"
    REFUSED = "refused"


@frozen
class Outcome:
    """One run of a reader.

    Attributes:
        verdict: What it made of the server.
        seconds: How long that took.
        shown: All text that it showed.
    """

    verdict: Verdict
    seconds: float
    shown: str = field(repr=False)


@frozen
class Reader:
    """One reader.

    Attributes:
        read: Reads from a URL, with a deadline for each request; writes what it shows.
        body: A body that it accepts.
        requests: How many requests it may send for one result.
        is_command: Whether it is a command rather than part of another program.
    """

    read: Callable[[str, float, io.StringIO], Verdict]
    body: Callable[[], bytes]
    requests: int = 1
    is_command: bool = True

    def run(self, url: str, deadline: float) -> Outcome:
        """Read from `url` once."""
        with _recording(is_command=self.is_command) as shown:
            began = time.monotonic()
            verdict = self.read(url, deadline, shown)
            return Outcome(verdict, time.monotonic() - began, shown.getvalue())


def client(url: str, deadline: float, shown: io.StringIO) -> Verdict:
    """Call the generated client."""
    from qovery_job_client import ApiError, AuthenticatedClient, get_job  # noqa: PLC0415

    try:
        with AuthenticatedClient(TOKEN, url, **_options(deadline)) as opened:
            get_job.sync(job_id(), client=opened)
    except ApiError as error:
        shown.write(with_locals(error))
        return Verdict.REFUSED
    return Verdict.ACCEPTED


def async_client(url: str, deadline: float, shown: io.StringIO) -> Verdict:
    """Call the generated client in an event loop."""
    from qovery_job_client import ApiError, AuthenticatedClient, get_job  # noqa: PLC0415

    async def call() -> None:
        async with AuthenticatedClient(TOKEN, url, **_options(deadline)) as opened:
            await get_job.asyncio(job_id(), client=opened)

    try:
        asyncio.run(call())
    except ApiError as error:
        shown.write(with_locals(error))
        return Verdict.REFUSED
    return Verdict.ACCEPTED


def _options(deadline: float) -> Any:
    return {"deadline": deadline, "retries": None, "verify_ssl": _context()}


@cache
def _context() -> ssl.SSLContext:
    """Return one context for all clients, because reading the certificates takes longest."""
    return ssl.create_default_context()


def drift(url: str, deadline: float, shown: io.StringIO) -> Verdict:
    """Check one known job and run the probes."""
    return _verdict(_checked(url, deadline, shown))


def drift_with_reports(url: str, deadline: float, shown: io.StringIO) -> Verdict:
    """Check one known job, run the probes, and write every report and an overlay."""
    from scripts.compare import propose  # noqa: PLC0415
    from scripts.report import terminal, write  # noqa: PLC0415

    run = _checked(url, deadline, shown)
    proposal = propose.propose_from_findings(load(), run.findings, list(run.samples))
    with TemporaryDirectory() as folder:
        directory = Path(folder)
        report = write.build(run, load(), directory)
        terminal.render(report, Console(file=shown, width=200))
        write.write_reports(report, directory)
        propose.write_proposal(proposal, directory / "overlay.yaml", "Observed", shown)
        shown.writelines(path.read_text("utf-8") for path in directory.iterdir())
    return _verdict(run)


def _checked(url: str, deadline: float, shown: io.StringIO) -> Run:
    from contract_tests.run.run import Check, run_checks  # noqa: PLC0415
    from contract_tests.run.target import live_target  # noqa: PLC0415
    from contract_tests.run.verdict import Floors  # noqa: PLC0415

    run = run_checks(
        load(),
        live_target(load(), url, (job_id(),), TOKEN),
        checks=(Check.PROBES,),
        floors=Floors(1, 0),
        seconds=deadline,
        sleep=lambda _: None,
    )
    shown.write(repr(run))
    return run


def _verdict(run: Run) -> Verdict:
    return Verdict.ACCEPTED if run.verdict.value == "clean" else Verdict.REFUSED


def fetch(url: str, deadline: float, shown: io.StringIO) -> Verdict:
    """Download a document as `scripts.compare` does."""
    from contract_tests.spec.document import DocumentError  # noqa: PLC0415
    from scripts.compare.fetch import fetch as download  # noqa: PLC0415

    try:
        download(f"{url}/openapi.yaml", seconds=deadline)
    except DocumentError as error:
        return _refused(error, shown)
    return Verdict.ACCEPTED


def github(url: str, deadline: float, shown: io.StringIO) -> Verdict:
    """List issues as `scripts.nightly` does."""
    from scripts.nightly.github import GitHub, GitHubError, connect  # noqa: PLC0415

    try:
        with connect(url, TOKEN, seconds=deadline) as opened:
            GitHub(opened, "acme/shelf", "bot", sleep=lambda _: None).issues("drift")
    except GitHubError as error:
        return _refused(error, shown)
    return Verdict.ACCEPTED


def _refused(error: BaseException, shown: io.StringIO) -> Verdict:
    shown.write(f"{error}\n{error!r}\n")
    return Verdict.REFUSED


def with_locals(error: BaseException) -> str:
    """Return an error and its causes with the variables of each frame, as debuggers show them."""
    parts: list[str] = []
    following: BaseException | None = error
    while following is not None:
        parts += [str(following), repr(following)]
        for frame, _ in traceback.walk_tb(following.__traceback__):
            if frame.f_code.co_filename != __file__:
                parts += map(_repr, frame.f_locals.values())
        following = following.__cause__ or following.__context__
    return "\n".join(parts)


def _repr(value: object) -> str:
    try:
        return repr(value)
    except Exception as error:  # noqa: BLE001 - half-built objects of other libraries have none
        return repr(error)


@contextmanager
def _recording(*, is_command: bool) -> Iterator[io.StringIO]:
    """Collect output, warnings and log records, as text.

    The records of the HTTP libraries count where a command can silence them: in a process of its
    own. The client leaves them to who imports it.
    """
    shown = io.StringIO()
    handler = logging.StreamHandler(shown)
    libraries = [logging.getLogger(name) for name in ("httpcore", "httpx")]
    if not is_command:
        handler.addFilter(lambda record: not record.name.startswith(("httpcore", "httpx")))
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    for library in libraries:
        library.setLevel(logging.NOTSET)
    try:
        with (
            warnings.catch_warnings(record=True) as caught,
            redirect_stdout(shown),
            redirect_stderr(shown),
        ):
            warnings.simplefilter("always")
            yield shown
            shown.writelines(str(warning.message) for warning in caught)
    finally:
        root.setLevel(level)
        root.removeHandler(handler)


@cache
def _population() -> Population:
    return population(load())


def job_id() -> str:
    """Return the id of the known job."""
    return next(iter(_population().jobs))


@cache
def warm_up(name: str) -> None:
    """Run a reader once, so that no measurement includes its imports."""
    reader = READERS[name]
    with serve(lambda _: [response(reader.body())]) as server:
        reader.run(server.url, 5.0)


def job() -> bytes:
    """Return the known job."""
    return _population().bodies[job_id()]


READERS: Final[Mapping[str, Reader]] = {
    "client": Reader(client, job, is_command=False),
    "async client": Reader(async_client, job, is_command=False),
    "drift": Reader(drift, job, requests=4),
    "drift with reports": Reader(drift_with_reports, job, requests=4),
    "compare": Reader(fetch, lambda: DOCUMENT),
    "nightly": Reader(github, lambda: b"[]", requests=4),
}
