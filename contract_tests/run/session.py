"""One run of the contract tests: whom it judges, through which wire, and what it has found."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from attrs import mutable

from contract_tests.mock_server.serving import running
from contract_tests.oracle.response import ResponseChecker
from contract_tests.run.record import RunRecord
from contract_tests.run.target import NO_TOKEN, Credential, Target
from contract_tests.run.transport import EMBEDDED_BUDGET, Transport
from contract_tests.spec.contract import Contract, load

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PLUGIN = "qovery-job-client-session"
REPORTED = "findings"  # the property of a test that failed for findings, and not by itself
SAMPLE = 4  # known jobs that Schemathesis' own checks look at too


def _silent(done: int, total: int) -> None:
    """Show no progress."""


@mutable(eq=False)
class Session:
    """What the contract tests share.

    Attributes:
        record: What was found out so far.
        judge: Judges answers by the contract.
        wire: Where every request leaves.
        examples: How many more requests Schemathesis may make up.
        progress: Called after each known job with how many are done, and of how many.
    """

    record: RunRecord
    judge: ResponseChecker
    wire: Transport
    examples: int
    progress: Callable[[int, int], None] = _silent

    @property
    def target(self) -> Target:
        """The server that is judged."""
        return self.wire.target

    @property
    def may_ask(self) -> bool:
        """Whether one more request may be sent, and is of any use."""
        return self.wire.left > 0 and not self.record.should_stop

    def may_generate(self, method: str) -> bool:
        """Whether one more made-up request may be sent; counts it if so."""
        if not (self.may_ask and (method == "GET" or self.target.embedded)):
            return False
        self.examples -= 1
        return self.examples >= 0

    @property
    def sample(self) -> tuple[str, ...]:
        """Some of the known ids, the same in each run."""
        return self.target.known_ids[:SAMPLE]


@contextmanager
def opened(
    contract: Contract, target: Target, budget: int, progress: Callable[[int, int], None] = _silent
) -> Iterator[Session]:
    """A session against `target`, its wire closed at the end."""
    wire = Transport(target, budget)
    try:
        examples = 1_000 if target.embedded else 20
        yield Session(
            RunRecord(contract, target), ResponseChecker(contract), wire, examples, progress
        )
    finally:
        wire.close()


@contextmanager
def embedded(seed: int = 0, progress: Callable[[int, int], None] = _silent) -> Iterator[Session]:
    """A session against a mock server of its own."""
    contract = load()
    with running(contract, seed=seed) as server:
        target = Target(server.url, server.known_ids, Credential(NO_TOKEN), embedded=True)
        with opened(contract, target, EMBEDDED_BUDGET, progress) as session:
            yield session
