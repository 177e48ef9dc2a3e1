"""The commands of this repository, such as `python -m scripts.drift`."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import TracebackType

_OURS = frozenset({"contract_tests", "scripts"})


def _explain(
    kind: type[BaseException], error: BaseException, traceback: TracebackType | None
) -> None:
    """Report an interruption or a missing package in one line, anything else as Python does."""
    if isinstance(error, KeyboardInterrupt):
        print("interrupted", file=sys.stderr)
    elif isinstance(error, ModuleNotFoundError) and str(error.name).split(".")[0] not in _OURS:
        print(
            f"{error.name} is not installed for {sys.executable}; run `make install`, then use "
            "`.venv/bin/python`",
            file=sys.stderr,
            flush=True,
        )
        os._exit(2)  # a hook can't raise SystemExit
    else:
        sys.__excepthook__(kind, error, traceback)


sys.excepthook = _explain
