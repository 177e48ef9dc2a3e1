"""The mock server as an ASGI application. Its responses follow the contract."""

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

from contract_tests.instances.errors import error_body, error_media_type
from contract_tests.instances.ids import is_uuid
from contract_tests.instances.population import encode
from contract_tests.mock_server.page import page
from contract_tests.spec.contract import SUCCESS
from contract_tests.spec.document import DocumentError
from contract_tests.spec.security import RequestParts, schemes

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.types import ASGIApp, Receive, Scope, Send

    from contract_tests.instances.population import Population
    from contract_tests.spec.contract import Contract

HOUR = 3600.0
METHOD = "GET"  # a contract describes no other


def application(
    contract: Contract,
    population: Population,
    *,
    rate: int | None = None,
    window: float = HOUR,
    latency: float = 0.0,
) -> Starlette:
    """Return an application that serves `population` as the contract describes.

    Args:
        contract: The contract.
        population: The jobs that the server knows.
        rate: How many requests a credential may send in each window; None for any number.
        window: The length of a window in seconds.
        latency: The maximum delay of a response, in seconds; each delay is random.

    Raises:
        DocumentError: A security scheme or the headers of the 429 are not supported.
    """
    accepted = schemes(contract)
    limiter = None if rate is None else _Limiter(rate, window, _rate_headers(contract))
    media_type = next(iter(contract.responses[SUCCESS].content))
    jobs = {
        job_id: Response(body, media_type=media_type) for job_id, body in population.bodies.items()
    }
    unauthorized, forbidden, missing, limited = (
        _error(contract, status) for status in (401, 403, 404, 429)
    )
    document = Response(encode(contract.document.data), media_type="application/json")
    if words := [scheme.word for scheme in accepted if scheme.word]:
        unauthorized.headers["WWW-Authenticate"] = ", ".join(words)
    responses = {**jobs, **dict.fromkeys(population.forbidden, forbidden)}
    folded = {job_id.lower(): response for job_id, response in responses.items()}
    if not is_uuid(contract.id_schema):
        folded = {}
    delays = random.Random(0)  # noqa: S311

    async def job(request: Request) -> Response:
        if latency:
            await asyncio.sleep(delays.uniform(0, latency))
        parts = RequestParts(request.headers, request.url.query)
        if accepted and not any(scheme.accepts(parts) for scheme in accepted):
            return unauthorized
        job_id = request.path_params["id"]
        response = responses.get(job_id) or folded.get(job_id.lower(), missing)
        if limiter is None:
            return response
        credential = "\n".join(scheme.read(parts) or "" for scheme in accepted)
        left = limiter.take(credential)
        return limiter.with_headers(response if left >= 0 else limited, left)

    async def home(request: Request) -> Response:
        return HTMLResponse(page(contract, population, str(request.base_url).rstrip("/")))

    async def source(_: Request) -> Response:
        return document

    async def refuse(_: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        return _error(contract, error.status_code)

    # Starlette reads no name with a hyphen.
    path = contract.path.replace("{" + contract.parameter + "}", "{id}")
    app = Starlette(
        routes=[
            Route("/", home),
            Route("/openapi.json", source),
            Route(path, job),
        ],
        middleware=[Middleware(_OnlyGet, _error(contract, 405))],
        exception_handlers={HTTPException: refuse},
    )
    app.router.redirect_slashes = False
    return app


@mutable
class _Limiter:
    """Counts the requests of each credential in a window of time."""

    limit: int
    window: float
    headers: tuple[str, str, str]
    used: dict[str, int] = field(factory=dict)
    ends: float = 0.0

    def take(self, credential: str) -> int:
        """Count a request; return how many are left, negative if it exceeds the limit."""
        if time.time() >= self.ends:
            self.ends = time.time() + self.window
            self.used.clear()
        self.used[credential] = self.used.get(credential, 0) + 1
        return self.limit - self.used[credential]

    def with_headers(self, response: Response, left: int) -> Response:
        """Return `response` with the headers of the rate limit."""
        numbers = (self.limit, max(left, 0), int(self.ends) + 1)
        copy = Response(response.body, response.status_code, dict(response.headers))
        copy.headers.update(dict(zip(self.headers, map(str, numbers), strict=True)))
        return copy


class _OnlyGet:
    """Responds with 405 to every other method; Starlette alone would also serve HEAD."""

    def __init__(self, app: ASGIApp, refusal: Response) -> None:
        self.app = app
        self.refusal = refusal
        refusal.headers["Allow"] = METHOD

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        wrong = scope["type"] == "http" and scope["method"] != METHOD
        await (self.refusal if wrong else self.app)(scope, receive, send)


def _error(contract: Contract, status: int) -> Response:
    media_type = error_media_type(contract, status)
    return Response(error_body(contract, status), status, media_type=media_type)


def _rate_headers(contract: Contract) -> tuple[str, str, str]:
    """Return the names of the headers for the limit, the remaining requests and the reset time.

    Raises:
        DocumentError: There is no documented 429 with three such headers.
    """
    documented = contract.responses.get("429")
    names = tuple(documented.headers) if documented else ()
    found = [
        [name for name in names if name.lower().endswith(end)]
        for end in ("limit", "remaining", "reset")
    ]
    if not all(found):
        message = "/paths: the 429 has no headers that end in Limit, Remaining and Reset"
        raise DocumentError(f"{message}; document them, or serve without a rate")
    return found[0][0], found[1][0], found[2][0]
