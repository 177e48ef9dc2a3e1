"""One run of the benchmark: what its rows share."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING, Any, Self, TypeVar

from attrs import frozen

from benchmarks.contest import Absent, Contestant, PeerError
from benchmarks.processes import environment, repeating, working

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

    from benchmarks.environments import Peers
    from contract_tests.spec.contract import Contract

T = TypeVar("T")


@frozen
class Bench:
    """One run.

    Attributes:
        contract: What everything is made of.
        peers: Where peers come from.
        scratch: A folder for files of this run alone.
        quick: Whether to show only that everything still works.
        vendor: The vendor's document, if somebody named it.
    """

    contract: Contract
    peers: Peers
    scratch: Path
    quick: bool
    vendor: Path | None = None

    @property
    def seconds(self) -> float:
        """About how long one contestant is measured in one round."""
        return 0.01 if self.quick else 0.1

    def count(self, full: int, quick: int) -> int:
        """How many of something to do: `full`, or `quick` in a quick run."""
        return quick if self.quick else full

    def some(self, items: Iterable[T]) -> list[T]:
        """All of `items`; in a quick run the first of them."""
        every = list(items)
        return every[:1] if self.quick else every

    def env(self, *folders: Path) -> dict[str, str]:
        """The environment for Python, with `folders` to import from."""
        return environment(self.peers.folder, *folders)


def attempt(name: str, make: Callable[[], Contestant]) -> Contestant | Absent:
    """The contestant that `make` gives, or why there is none."""
    try:
        return make()
    except PeerError as error:
        return Absent(name, str(error))


class Workers:
    """Contestants that are workers, all ended with the context."""

    def __init__(self, bench: Bench) -> None:
        """Start nothing yet."""
        self._bench = bench
        self._open = ExitStack()

    def __enter__(self) -> Self:
        """Open."""
        return self

    def __exit__(self, *_: object) -> None:
        """End every worker."""
        self._open.close()

    def contestant(
        self,
        name: str,
        module: str,
        arguments: Mapping[str, Any],
        *,
        environment: str | None = "clients",
        folder: Callable[[], Path] | None = None,
        count: int | None = None,
    ) -> Contestant | Absent:
        """A contestant that repeats a workload, or why there is none.

        Args:
            name: What it is called.
            module: The workload, a module of `benchmarks.workloads`.
            arguments: What it is prepared with.
            environment: The peers' environment that it runs in; None for the project's own.
            folder: Gives a folder to import from.
            count: How often it is repeated for one value, which is the time of all of them; None
                for as often as is needed for the time of one.
        """

        def make() -> Contestant:
            folders = [folder()] if folder else []
            python = self._bench.peers.python(environment)
            worker = self._open.enter_context(
                working(
                    python,
                    f"benchmarks.workloads.{module}",
                    arguments,
                    self._bench.env(*folders),
                )
            )
            if count is not None:
                return Contestant(name, lambda: worker.run(count))
            return repeating(name, worker, self._bench.seconds)

        return attempt(name, make)
