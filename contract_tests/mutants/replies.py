"""What a fault in a server is made of: requests and replies changed on their way through."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from attrs import evolve, frozen

from contract_tests.spec.security import schemes

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from contract_tests.instances.population import Population
    from contract_tests.spec.contract import Contract

    Wrap: TypeAlias = Callable[[ASGIApp, "Site"], ASGIApp]

OK = 200


@frozen
class Site:
    """What the server with the fault is a server of, and what it serves."""

    contract: Contract
    population: Population

    def path_value(self, scope: Scope) -> str | None:
        """What a request has in the place of the path parameter; None for any other path."""
        before, after = self.contract.path.split("{" + self.contract.parameter + "}")
        path: str = scope["path"]
        if path.startswith(before) and path.endswith(after):
            return path.removeprefix(before).removesuffix(after)
        return None


@frozen
class Reply:
    """One response, before it is sent; header names are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def with_body(self, body: bytes) -> Reply:
        """The same with another body, and its length."""
        return evolve(self, body=body).with_header("content-length", str(len(body)))

    def with_header(self, name: str, value: str | None) -> Reply:
        """The same with one header set, or taken away."""
        headers = {key: text for key, text in self.headers.items() if key != name}
        return evolve(self, headers=headers if value is None else {**headers, name: value})

    @property
    def start(self) -> Message:
        """The first message of sending it."""
        headers = [(name.encode(), value.encode("latin-1")) for name, value in self.headers.items()]
        return {"type": "http.response.start", "status": self.status, "headers": headers}


def replies(
    change: Callable[[Reply], Reply],
    applies: Callable[[Reply], bool] = lambda reply: reply.status == OK,
) -> Wrap:
    """A fault in some replies, by default in those that hold a job."""

    async def send_changed(reply: Reply, send: Send) -> None:
        changed = change(reply)
        await send(changed.start)
        await send({"type": "http.response.body", "body": changed.body})

    return sending(send_changed, applies)


def sending(
    transmit: Callable[[Reply, Send], Awaitable[None]],
    applies: Callable[[Reply], bool] = lambda reply: reply.status == OK,
) -> Wrap:
    """A fault in how some replies are sent, by default those that hold a job."""

    def wrap(app: ASGIApp, site: Site) -> ASGIApp:
        async def faulty(scope: Scope, receive: Receive, send: Send) -> None:
            if site.path_value(scope) is None:
                await app(scope, receive, send)
                return
            reply = await _reply(app, scope, receive)
            if applies(reply):
                await transmit(reply, send)
            else:
                await send(reply.start)
                await send({"type": "http.response.body", "body": reply.body})

        return faulty

    return wrap


def requests(change: Callable[[Scope, str, Site], Scope]) -> Wrap:
    """A fault in how requests for a job are read: what the server takes each of them for."""

    def wrap(app: ASGIApp, site: Site) -> ASGIApp:
        async def faulty(scope: Scope, receive: Receive, send: Send) -> None:
            value = site.path_value(scope)
            await app(scope if value is None else change(scope, value, site), receive, send)

        return faulty

    return wrap


def asked_for(scope: Scope, site: Site, value: str) -> Scope:
    """The same request for another path parameter."""
    path = site.contract.path_of(value)
    return {**scope, "path": path, "raw_path": path.encode()}


def with_credential(scope: Scope, site: Site) -> Scope:
    """The same request with a credential that the server accepts, in place of its own."""
    scheme = schemes(site.contract)[0]
    name = scheme.header.lower().encode()
    others = [header for header in scope["headers"] if header[0] != name]
    return {**scope, "headers": [*others, (name, scheme.example.encode())]}


def has_credential(scope: Scope, site: Site) -> bool:
    """Whether a request has any credential, right or wrong."""
    names = {scheme.header.lower().encode() for scheme in schemes(site.contract)}
    return any(name in names for name, _ in scope["headers"])


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
