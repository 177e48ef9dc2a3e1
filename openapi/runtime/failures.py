"""Errors of httpx as errors of the client, without what holds the credential."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import suppress
from types import TracebackType

from .credential import Credential
from .errors import TransportError, TransportTimeoutError

LIBRARIES = ("httpx", "httpx2")
# Their frames, and those below them, hold a request's headers.
_HIDDEN = frozenset({*LIBRARIES, "httpcore", "httpcore2", "h11", "h2", "anyio", "asyncio"})


def described(error: BaseException) -> str:
    """Return the type and the message of an error."""
    text, name = str(error), type(error).__name__.lstrip("_")
    return f"{name}: {text}" if text else name


def cleared(error: BaseException, credential: Credential | None) -> BaseException:
    """Return the error to raise: no frame and no request in it holds the headers."""
    loaded = [sys.modules[name] for name in LIBRARIES if name in sys.modules]
    if isinstance(error, (TimeoutError, *(module.TransportError for module in loaded))):
        late = isinstance(error, TimeoutError) or "Timeout" in type(error).__name__
        cause = bare(error, credential)
        wrapped = (TransportTimeoutError if late else TransportError)(described(cause))
        wrapped.__cause__ = cause
        return wrapped
    for seen in _chain(error):  # it is a hook's, or an interrupt: its own frames are of use
        seen.__traceback__ = _own_frames(seen.__traceback__)
    error.__suppress_context__ = True
    return error


def bare(error: BaseException, credential: Credential | None) -> BaseException:
    """Return the error without what holds the credential: the request, frames, echoed text."""
    for seen in _chain(error):
        seen.__traceback__ = None
        if credential is not None:
            args = (credential.redact(arg) if isinstance(arg, str) else arg for arg in seen.args)
            seen.args = tuple(args)
        with suppress(AttributeError):
            seen.request = None  # type: ignore[attr-defined]
    return error


def _chain(error: BaseException) -> Iterator[BaseException]:
    seen: BaseException | None = error
    while seen is not None:
        yield seen
        seen = seen.__cause__ or seen.__context__


def _own_frames(traceback: TracebackType | None) -> TracebackType | None:
    """Return the traceback without the frames that hold a request's headers."""
    if traceback is None:
        return None
    rest = _own_frames(traceback.tb_next)
    name = str(traceback.tb_frame.f_globals.get("__name__"))
    if name == f"{__package__}.http" or name.partition(".")[0] in _HIDDEN:
        return rest
    return TracebackType(rest, traceback.tb_frame, traceback.tb_lasti, traceback.tb_lineno)
