"""The responses of the mock server: what the contract says that a server must send."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import TYPE_CHECKING

import attrs
import httpx
import pytest

from contract_tests.instances.population import population
from contract_tests.mock_server import Running, application, running
from contract_tests.oracle.oracle import Oracle
from contract_tests.spec.contract import Contract, load, resolve
from contract_tests.spec.document import DocumentError, parse

if TYPE_CHECKING:
    from collections.abc import Iterator

CONTRACT = load()
TOKEN = {"Authorization": "Token abc"}
LIMITED = pytest.mark.skipif(
    "429" not in CONTRACT.responses or len(CONTRACT.responses["429"].headers) < 3,
    reason="no limit is documented",
)
UNKNOWN = "3c90c3cc-0d44-4b50-8888-8dd25736052a"


@pytest.fixture(scope="module")
def server() -> Iterator[Running]:
    """A mock server of seed 0."""
    with running(CONTRACT) as server:
        yield server


@pytest.fixture(scope="module")
def client(server: Running) -> Iterator[httpx.Client]:
    """A client without any credential of its own."""
    with httpx.Client(base_url=server.url) as client:
        yield client


def fits(response: httpx.Response) -> bool:
    """Whether a response has the documented media type and a valid body."""
    (schema,) = CONTRACT.responses[str(response.status_code)].content.values()
    findings = Oracle(CONTRACT, schema).findings_of_body(response.content)
    return response.headers["content-type"] == "application/json" and findings == []


def test_a_known_job_is_served(server: Running, client: httpx.Client) -> None:
    """Each known id gets its own job, the same every time."""
    for job_id, job in server.population.jobs.items():
        first, second = (client.get(f"/job/{job_id}", headers=TOKEN) for _ in range(2))

        assert (first.status_code, first.json()) == (200, job)
        assert first.content == second.content
        assert fits(first)


@pytest.mark.parametrize(
    "credential", ["Token abc", "token abc", "Bearer eyJhbGciOi.eyJzdWI.sig-_n", "Bearer abc=="]
)
def test_both_schemes_are_accepted(server: Running, client: httpx.Client, credential: str) -> None:
    """A well-formed API key and a well-formed bearer token."""
    headers = {"Authorization": credential}

    response = client.get(f"/job/{server.known_ids[0]}", headers=headers)

    assert response.status_code == 200


@pytest.mark.parametrize(
    "credential",
    [
        None,
        "",
        "Token",
        "Bearer",
        "abc",
        "Basic YTpi",
        "Token a b",
        "Bearer a,b",
        "Token invalid-0000",
        "Bearer SCHEMATHESIS-INVALID-VALUE",
    ],
)
def test_anything_else_is_refused(
    server: Running, client: httpx.Client, credential: str | None
) -> None:
    """A missing, malformed or invalid credential gets a valid 401."""
    headers = {} if credential is None else {"Authorization": credential}

    response = client.get(f"/job/{server.known_ids[0]}", headers=headers)

    assert response.status_code == 401
    assert response.headers["www-authenticate"] == "Token, Bearer"
    assert fits(response)


def test_ids_set_aside_are_refused(server: Running, client: httpx.Client) -> None:
    """Some ids get a 403, some a 404."""
    forbidden = [client.get(f"/job/{each}", headers=TOKEN) for each in server.forbidden_ids]
    missing = [client.get(f"/job/{each}", headers=TOKEN) for each in server.missing_ids]

    assert {response.status_code for response in forbidden} == {403}
    assert {response.status_code for response in missing} == {404}
    assert all(map(fits, [*forbidden, *missing]))


@pytest.mark.parametrize(
    "value",
    [
        UNKNOWN,
        "not-a-uuid",
        "%00",
        "%20",
        "a%2Fb",
        "",
        "x" * 4000,
        "\N{SNOWMAN}",
    ],
)
def test_unknown_and_wrong_ids_are_not_found(client: httpx.Client, value: str) -> None:
    """An unknown or malformed id gets a valid 404."""
    response = client.get(f"/job/{value}", headers=TOKEN)

    assert response.status_code == 404
    assert fits(response)


def test_case_does_not_make_another_id(server: Running, client: httpx.Client) -> None:
    """A UUID is the same in any case."""
    response = client.get(f"/job/{server.known_ids[0].upper()}", headers=TOKEN)

    assert response.json()["id"] == server.known_ids[0]


@pytest.mark.parametrize("method", ["HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"])
def test_every_other_method_is_refused(server: Running, client: httpx.Client, method: str) -> None:
    """Any other method gets a 405 with `Allow`."""
    response = client.request(method, f"/job/{server.known_ids[0]}")

    assert (response.status_code, response.headers["allow"]) == (405, "GET")


def test_the_contract_is_served(client: httpx.Client) -> None:
    """`/openapi.json` is the document, without a credential."""
    assert client.get("/openapi.json").json() == CONTRACT.document.data


def test_the_page_lists_every_id(server: Running, client: httpx.Client) -> None:
    """It also has a command line that works."""
    page = client.get("/")

    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert all(job_id in page.text for job_id in (*server.known_ids, *server.forbidden_ids))
    assert any(f"{server.url}/job/{job_id}" in page.text for job_id in server.known_ids)


@LIMITED
def test_an_exhausted_limit_is_a_429() -> None:
    """Its headers are those of the contract; each token has a limit of its own."""
    with running(CONTRACT, rate=3) as server, httpx.Client(base_url=server.url) as client:
        path = f"/job/{server.known_ids[0]}"
        responses = [client.get(path, headers=TOKEN) for _ in range(4)]
        other = client.get(path, headers={"Authorization": "Token other"})

    assert [response.status_code for response in responses] == [200, 200, 200, 429]
    left = [int(response.headers["X-RateLimit-Remaining"]) for response in responses]
    assert left == [2, 1, 0, 0]
    assert responses[-1].headers["X-RateLimit-Limit"] == "3"
    assert 3500 < int(responses[-1].headers["X-RateLimit-Reset"]) - time.time() < 3700
    assert fits(responses[-1])
    assert other.status_code == 200


@LIMITED
def test_a_limit_resets() -> None:
    """After the window, requests succeed again."""
    with running(CONTRACT, rate=1, window=0.1) as server:
        path = f"{server.url}/job/{server.known_ids[0]}"
        with httpx.Client(headers=TOKEN) as client:
            first, second = client.get(path), client.get(path)
            deadline = time.monotonic() + 5
            while (third := client.get(path)).status_code != 200 and time.monotonic() < deadline:
                pass

    assert [first.status_code, second.status_code, third.status_code] == [200, 429, 200]


@LIMITED
def test_unauthorized_requests_do_not_count() -> None:
    """They are refused before the limit."""
    with running(CONTRACT, rate=1) as server, httpx.Client(base_url=server.url) as client:
        path = f"/job/{server.known_ids[0]}"
        refused = [client.get(path).status_code for _ in range(3)]

        assert (refused, client.get(path, headers=TOKEN).status_code) == ([401] * 3, 200)


def test_latency_reorders_responses() -> None:
    """Each concurrent request still gets its own job."""
    with running(CONTRACT, latency=0.2) as server:

        async def ask() -> tuple[list[str], list[str]]:
            ended: list[str] = []
            async with httpx.AsyncClient(base_url=server.url, headers=TOKEN) as client:

                async def one(job_id: str) -> str:
                    response = await client.get(f"/job/{job_id}")
                    ended.append(job_id)
                    return str(response.json()["id"])

                return await asyncio.gather(*map(one, server.known_ids[:20])), ended

        received, ended = asyncio.run(ask())

    assert received == list(server.known_ids[:20])
    assert ended != received


def test_a_contract_without_a_429_has_no_rate() -> None:
    """Without the headers of a limit there is no limit."""
    responses = {key: value for key, value in CONTRACT.responses.items() if key != "429"}
    contract = attrs.evolve(CONTRACT, responses=responses)

    with pytest.raises(DocumentError, match="the 429 has no headers"):
        application(contract, population(contract), rate=3)


def test_a_server_of_another_contract() -> None:
    """Path, credential, error bodies and page follow from the document."""
    contract = load(Path(__file__).parents[1] / "mutants" / "other.yaml")

    with running(contract) as server, httpx.Client(base_url=server.url) as client:
        path = f"/vessels/{server.known_ids[0]}/log"
        refused, found = client.get(path), client.get(path, headers={"X-Key": "any"})
        missing = client.get(f"/vessels/{UNKNOWN}/log", headers={"X-Key": "any"})
        page = client.get("/").text

    assert (refused.status_code, refused.json()) == (401, {"code": 401})
    assert (found.status_code, found.json()) == (200, server.population.jobs[server.known_ids[0]])
    assert (missing.status_code, missing.json()) == (404, {"code": 404})
    assert "X-Key: any" in page


@pytest.mark.parametrize(
    ("place", "request_with"),
    [
        ("header", {"headers": {"X-Key": "any"}}),
        ("query", {"params": {"X-Key": "any"}}),
        ("cookie", {"headers": {"Cookie": "other=1; X-Key=any"}}),
    ],
    ids=["header", "query", "cookie"],
)
def test_a_credential_is_read_where_the_contract_puts_it(
    place: str, request_with: dict[str, dict[str, str]]
) -> None:
    """An API key can be in a header, in the query or in a cookie."""
    contract = changed("in: header", f"in: {place}")

    with running(contract) as server, httpx.Client(base_url=server.url) as client:
        path = f"/vessels/{server.known_ids[0]}/log"

        assert client.get(path).status_code == 401
        assert client.get(path, **request_with).status_code == 200  # type: ignore[arg-type]


def test_an_authorization_header_may_have_a_word() -> None:
    """A contract that documents none accepts any."""
    contract = changed("name: X-Key", "name: Authorization")

    with running(contract) as server, httpx.Client(base_url=server.url) as client:
        path = f"/vessels/{server.known_ids[0]}/log"
        statuses = [
            client.get(path, headers={"Authorization": value}).status_code
            for value in ("any", "Token any", "Token invalid", "")
        ]

    assert statuses == [200, 200, 401, 401]


def test_ids_follow_the_parameters_schema() -> None:
    """They need not be UUIDs."""
    contract = changed(
        "schema: {type: string, format: uuid}}\n", "schema: {type: integer, minimum: 100}}\n"
    )

    assert min(map(int, population(contract).jobs)) == 100


def test_errors_have_the_contracts_media_type() -> None:
    """The media type of an error can differ from that of a job."""
    contract = changed(
        "application/json:\n              schema: {type: object",
        "application/problem+json:\n              schema: {type: object",
    )

    with running(contract) as server, httpx.Client(base_url=server.url) as client:
        response = client.get("/nowhere")

    assert response.headers["content-type"] == "application/problem+json"


def test_a_nullable_enum_is_null_somewhere() -> None:
    """Null is one of the choices of `oneOf: [an enum, null]`."""
    contract = changed(
        'class: {type: [integer, "null"], enum: [1, 2, null]}',
        "class: {oneOf: [{type: integer, enum: [1, 2]}, {type: 'null'}]}",
    )

    seen = {job["class"] for job in population(contract).jobs.values() if "class" in job}

    assert seen == {1, 2, None}


def test_a_scheme_that_is_not_supported_is_an_error() -> None:
    """The message names it."""
    contract = changed("type: apiKey, in: header, name: X-Key", "type: mutualTLS")

    with pytest.raises(DocumentError, match="key: the scheme 'mutualTLS' is not supported"):
        application(contract, population(contract))


def changed(old: str, new: str) -> Contract:
    """Another contract with one change."""
    text = (Path(__file__).parents[1] / "mutants" / "other.yaml").read_text(encoding="utf-8")
    assert old in text
    return resolve(parse(text.replace(old, new).encode(), "other.yaml"))
