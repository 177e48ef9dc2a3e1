"""Faults of a server as ASGI middleware, which changes requests and responses."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from attrs import evolve, frozen

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from contract_tests.instances.population import Population
    from contract_tests.spec.contract import Contract

    Wrap: TypeAlias = Callable[[ASGIApp, "Site"], ASGIApp]

OK = 200


@frozen
class Site:
    """The contract and the jobs of a server."""

    contract: Contract
    population: Population

    def path_value(self, scope: Scope) -> str | None:
        """Return the path parameter of a request; None for any other path."""
        before, after = self.contract.path.split("{" + self.contract.parameter + "}")
        path: str = scope["path"]
        if path.startswith(before) and path.endswith(after):
            return path.removeprefix(before).removesuffix(after)
        return None


@frozen
class Reply:
    """One response before it is sent; header names are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def with_body(self, body: bytes) -> Reply:
        """Return the response with another body and its length."""
        return evolve(self, body=body).with_header("content-length", str(len(body)))

    def with_header(self, name: str, value: str | None) -> Reply:
        """Return the response with a header set or removed."""
        headers = {key: text for key, text in self.headers.items() if key != name}
        return evolve(self, headers=headers if value is None else {**headers, name: value})

    @property
    def start(self) -> Message:
        """The first ASGI message of the response."""
        headers = [(name.encode(), value.encode("latin-1")) for name, value in self.headers.items()]
        return {"type": "http.response.start", "status": self.status, "headers": headers}

    async def send(self, send: Send) -> None:
        """Send it as it is."""
        await send(self.start)
        await send({"type": "http.response.body", "body": self.body})


def _is_ok(reply: Reply) -> bool:
    return reply.status == OK


def replies(change: Callable[[Reply], Reply], applies: Callable[[Reply], bool] = _is_ok) -> Wrap:
    """Change some responses, by default those with a job."""

    async def send_changed(reply: Reply, send: Send) -> None:
        await change(reply).send(send)

    return sending(send_changed, applies)


def sending(
    transmit: Callable[[Reply, Send], Awaitable[None]], applies: Callable[[Reply], bool] = _is_ok
) -> Wrap:
    """Change how some responses are sent, by default those with a job."""

    def wrap(app: ASGIApp, site: Site) -> ASGIApp:
        async def faulty(scope: Scope, receive: Receive, send: Send) -> None:
            if site.path_value(scope) is None:
                await app(scope, receive, send)
                return
            reply = await _reply(app, scope, receive)
            await (transmit(reply, send) if applies(reply) else reply.send(send))

        return faulty

    return wrap


def requests(change: Callable[[Scope, str, Site], Scope]) -> Wrap:
    """Change how requests for a job are read."""

    def wrap(app: ASGIApp, site: Site) -> ASGIApp:
        async def faulty(scope: Scope, receive: Receive, send: Send) -> None:
            value = site.path_value(scope)
            await app(scope if value is None else change(scope, value, site), receive, send)

        return faulty

    return wrap


async def _reply(app: ASGIApp, scope: Scope, receive: Receive) -> Reply:
    messages: list[Message] = []

    async def keep(message: Message) -> None:
        messages.append(message)

    await app(scope, receive, keep)
    start, *parts = messages
    return Reply(
        start["status"],
        {name.decode().lower(): value.decode("latin-1") for name, value in start["headers"]},
        b"".join(part.get("body", b"") for part in parts),
    )
