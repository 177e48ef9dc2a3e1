"""What another contract changes in the client: where the credential is sent, and what ids are."""

from __future__ import annotations

import logging
import types
from typing import Annotated, Any

import httpx
import pytest
from msgspec import Meta

from contract_tests.spec.security import Place, SecurityScheme
from qovery_job_client import (
    AuthenticatedClient,
    ContractViolationError,
    Model,
    client,
    credential,
    options,
)
from qovery_job_client.base import decode
from qovery_job_client.http import run
from qovery_job_client.operation import Operation
from qovery_job_client.types import ModelUnion
from scripts.generate.package import credential_constants

TOKEN = "me:s3cret/of+a~server"
BASE64 = "bWU6czNjcmV0L29mK2F+c2VydmVy"
QUERY = "api%20key=me%3As3cret%2Fof%2Ba~server"
SCHEMES = {
    "bearer": (
        SecurityScheme(Place.HEADER, "Authorization", "Bearer"),
        ("authorization", f"Bearer {TOKEN}"),
    ),
    "basic": (
        SecurityScheme(Place.HEADER, "Authorization", "Basic"),
        ("authorization", f"Basic {BASE64}"),
    ),
    "header": (SecurityScheme(Place.HEADER, "X-Key"), ("x-key", TOKEN)),
    "cookie": (SecurityScheme(Place.COOKIE, "session"), ("cookie", f"session={TOKEN}")),
    "query": (SecurityScheme(Place.QUERY, "api key"), ("", QUERY)),
}


@pytest.mark.parametrize(("scheme", "sent"), SCHEMES.values(), ids=list(SCHEMES))
def test_credential_of_each_scheme(
    scheme: SecurityScheme,
    sent: tuple[str, str],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """It is sent where the scheme says, and neither logged nor in what a server echoes."""
    for constant, text in credential_constants([scheme]).items():
        for module in (credential, client, options):
            monkeypatch.setattr(module, constant.upper(), text, raising=False)
    caplog.set_level(logging.DEBUG)
    caplog.set_level(logging.DEBUG, logger="httpx")  # commands in the same process silence it
    requests: list[httpx.Request] = []

    def echo(request: httpx.Request) -> httpx.Response:
        requests.append(request)
        return httpx.Response(404, text=f"{request.url} {request.headers}")

    with AuthenticatedClient(
        TOKEN, "https://h", prefix=scheme.word or "", transport=httpx.MockTransport(echo)
    ) as opened:
        response = run(opened.request("/thing", object, {}, awaited=False))

    (request,) = requests
    assert request.headers.get(sent[0], request.url.query.decode()) == sent[1]
    shown = f"{response!r} {response.content!r} {caplog.text} {opened!r} {vars(opened)}"
    assert "HTTP Request: GET https://h/thing" in shown
    for secret in (TOKEN, BASE64, sent[1][-20:]):
        assert secret not in shown


@pytest.mark.parametrize("place", ["header", "cookie"])
def test_no_second_credential(place: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The header that carries it can't be given otherwise."""
    header = {"header": "X-Key", "cookie": "Cookie"}[place]
    monkeypatch.setattr(options, "CREDENTIAL_HEADER", header)

    with pytest.raises(ValueError, match="is for the credential"):
        AuthenticatedClient(TOKEN, headers={header.lower(): "1"})


def test_cookie_holds_one_value(monkeypatch: pytest.MonkeyPatch) -> None:
    """A semicolon would begin another cookie."""
    monkeypatch.setattr(credential, "CREDENTIAL_PLACE", "cookie")

    with pytest.raises(ValueError, match="a cookie can't hold"):
        AuthenticatedClient("a;b=c")


class Left(Model):
    """One branch, which does not mention the other's property."""

    left: int


class Right(Model):
    """The other branch."""

    right: int


SIDE: Any = ModelUnion.of("Side", {"left": Left, "right": Right})
# Its annotation is evaluated, as in generated modules.
Holder: Any = types.new_class(
    "Holder",
    (Model,),
    exec_body=lambda names: names.update(__annotations__={"side": SIDE}, __module__=__name__),
)


def test_object_of_two_branches_is_refused() -> None:
    """Also where neither branch forbids the property of the other."""
    assert type(Holder.from_json(b'{"side": {"left": 1, "right": null}}').side) is Left
    with pytest.raises(ContractViolationError, match="/side breaks oneOf"):
        Holder.from_json(b'{"side": {"left": 1, "right": 2}}')


def test_body_may_be_a_union_without_a_discriminator() -> None:
    """The property that only one branch has selects it."""
    assert type(decode(SIDE, b'{"right": 1}')) is Right
    with pytest.raises(ContractViolationError, match="breaks required"):
        decode(SIDE, b"{}")


POSITIVE = Annotated[int, Meta(ge=1)]
CODE = Annotated[str, Meta(pattern=r"\A[A-Z]{2}\Z", extra_json_schema={"enum": ("AB", "CD")})]


@pytest.mark.parametrize(
    ("kind", "value", "segment"),
    [
        (POSITIVE, 7, "7"),
        (POSITIVE, "7", "7"),
        (POSITIVE, 0, ValueError),
        (POSITIVE, True, TypeError),
        (POSITIVE, "7.0", TypeError),
        (int, -7, "-7"),
        (CODE, "AB", "AB"),
        (CODE, "EF", ValueError),
        (CODE, "abc", ValueError),
        (str, "a/b", "a%2Fb"),
        (str, "..", ValueError),
        (str, 5, TypeError),
    ],
)
def test_id_of_each_schema(kind: Any, value: Any, segment: Any) -> None:
    """An id that the contract does not allow is never sent."""
    operation: Operation[object] = Operation("get", "/thing/{}", object, kind)
    paths: list[str] = []

    def respond(request: httpx.Request) -> httpx.Response:
        paths.append(request.url.raw_path.decode())
        return httpx.Response(404)

    with AuthenticatedClient("x", transport=httpx.MockTransport(respond)) as opened:
        if isinstance(segment, str):
            operation.sync_detailed(value, client=opened)
        else:
            with pytest.raises(segment, match="invalid id") as raised:
                operation.sync_detailed(value, client=opened)
            assert not isinstance(raised.value, ContractViolationError)

    assert paths == ([f"/thing/{segment}"] if isinstance(segment, str) else [])
