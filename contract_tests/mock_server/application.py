"""A server of the contract, as an ASGI application: what it answers follows from the document."""

from __future__ import annotations

import asyncio
import random
import time
from typing import TYPE_CHECKING

from attrs import field, mutable
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from contract_tests.instances.errors import error_body
from contract_tests.instances.population import encode
from contract_tests.mock_server.page import page
from contract_tests.spec.document import DocumentError
from contract_tests.spec.security import schemes

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.types import ASGIApp, Receive, Scope, Send

    from contract_tests.instances.population import Population
    from contract_tests.spec.contract import Contract

HOUR = 3600.0
METHOD = "GET"  # the only one that a contract may describe


def application(
    contract: Contract,
    population: Population,
    *,
    rate: int | None = None,
    window: float = HOUR,
    latency: float = 0.0,
) -> Starlette:
    """Make a server of the contract that serves `population`.

    Args:
        contract: What it is a server of.
        population: The jobs that it knows.
        rate: How many requests a credential may send in each window; None for any number.
        window: How long a window is, in seconds.
        latency: The longest delay before an answer about a job, in seconds; each is drawn anew.

    Raises:
        DocumentError: A security scheme, or a header of the 429, is none that it can serve.
    """
    accepted = schemes(contract)
    allowance = None if rate is None else _Allowance(rate, window, _rate_headers(contract))
    jobs = {identity: _json(200, body) for identity, body in population.bodies.items()}
    unauthorized, forbidden, missing, spent = (
        _json(status, error_body(contract, status)) for status in (401, 403, 404, 429)
    )
    document = _json(200, encode(contract.document.data))
    unauthorized.headers["WWW-Authenticate"] = ", ".join(
        scheme.word for scheme in accepted if scheme.word
    )
    set_aside = dict.fromkeys(population.forbidden, forbidden)
    delays = random.Random(0)  # noqa: S311

    async def job(request: Request) -> Response:
        if latency:
            await asyncio.sleep(delays.uniform(0, latency))
        if accepted and not any(scheme.accepts(request.headers) for scheme in accepted):
            return unauthorized
        identity = request.path_params[contract.parameter].lower()
        response = jobs.get(identity) or set_aside.get(identity, missing)
        if allowance is None:
            return response
        who = "\n".join(request.headers.get(scheme.header, "") for scheme in accepted)
        left = allowance.take(who)
        return allowance.tell(response if left >= 0 else spent, left)

    async def home(request: Request) -> Response:
        return HTMLResponse(page(contract, population, str(request.base_url).rstrip("/")))

    async def source(_: Request) -> Response:
        return document

    async def refuse(_: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        return _json(error.status_code, error_body(contract, error.status_code))

    app = Starlette(
        routes=[
            Route("/", home),
            Route("/openapi.json", source),
            Route(contract.path, job),
        ],
        middleware=[Middleware(_OnlyGet, _json(405, error_body(contract, 405)))],
        exception_handlers={HTTPException: refuse},
    )
    app.router.redirect_slashes = False
    return app


@mutable
class _Allowance:
    """How many requests each credential may still send in this window of time, in seconds."""

    limit: int
    window: float
    headers: tuple[str, str, str]
    spent: dict[str, int] = field(factory=dict)
    ends: float = 0.0

    def take(self, credential: str) -> int:
        """What is left after this request; below zero where nothing was left for it."""
        if time.time() >= self.ends:
            self.ends = time.time() + self.window
            self.spent.clear()
        self.spent[credential] = self.spent.get(credential, 0) + 1
        return self.limit - self.spent[credential]

    def tell(self, response: Response, left: int) -> Response:
        """`response` with the headers that say how much is left."""
        numbers = (self.limit, max(left, 0), int(self.ends) + 1)
        told = Response(response.body, response.status_code, dict(response.headers))
        told.headers.update(dict(zip(self.headers, map(str, numbers), strict=True)))
        return told


class _OnlyGet:
    """Answers every other method with 405: Starlette would answer HEAD wherever it answers GET."""

    def __init__(self, app: ASGIApp, refusal: Response) -> None:
        self.app = app
        self.refusal = refusal
        refusal.headers["Allow"] = METHOD

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        wrong = scope["type"] == "http" and scope["method"] != METHOD
        await (self.refusal if wrong else self.app)(scope, receive, send)


def _json(status: int, body: bytes) -> Response:
    return Response(body, status, media_type="application/json")


def _rate_headers(contract: Contract) -> tuple[str, str, str]:
    """What the document calls the headers with the limit, what is left, and when it starts anew.

    Raises:
        DocumentError: It describes no 429 with three such headers.
    """
    described = contract.responses.get("429")
    names = tuple(described.headers) if described else ()
    found = [
        [name for name in names if name.lower().endswith(end)]
        for end in ("limit", "remaining", "reset")
    ]
    if not all(found):
        message = "/paths: the 429 has no headers that end in Limit, Remaining and Reset"
        raise DocumentError(f"{message}; describe them, or serve without a rate")
    return found[0][0], found[1][0], found[2][0]
