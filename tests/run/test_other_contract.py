"""Runs against the mock server of another contract: other credentials, other ids."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import yaml

from contract_tests.instances.ids import invalid, unknown
from contract_tests.mock_server.serving import running
from contract_tests.run.result import Verdict
from contract_tests.run.run import Check, embedded_target, run_checks
from contract_tests.run.schemathesis_cases import generated
from contract_tests.run.target import TargetError, canonical_id, live_target
from contract_tests.run.transport import RequestForbidden, Transport
from contract_tests.spec.contract import Contract, resolve
from contract_tests.spec.document import DocumentError, parse
from tests.spec.documents import changed, contract_of

if TYPE_CHECKING:
    from contract_tests.spec.values import Json

TEXT = (Path(__file__).parents[1] / "mutants" / "other.yaml").read_text(encoding="utf-8")
TOKEN = "s3cret/of+a~server"
BEARER = {"type": "http", "scheme": "bearer"}
KEYS = {
    place: {"type": "apiKey", "in": place, "name": "X-Key"}
    for place in ("header", "query", "cookie")
}
MUTUAL = {"type": "mutualTLS"}
SHOWN = {
    "bearer": ([BEARER], '-H "Authorization: Bearer $SOMETHING_ELSE_TOKEN"'),
    "basic": ([{"type": "http", "scheme": "basic"}], '-u "$SOMETHING_ELSE_TOKEN"'),
    "header": ([KEYS["header"]], '-H "X-Key: $SOMETHING_ELSE_TOKEN"'),
    "query": ([KEYS["query"]], '-G --data-urlencode "X-Key=$SOMETHING_ELSE_TOKEN"'),
    "cookie": ([KEYS["cookie"]], '-b "X-Key=$SOMETHING_ELSE_TOKEN"'),
    "oauth2": (
        [{"type": "oauth2", "flows": {}}],
        '-H "Authorization: Bearer $SOMETHING_ELSE_TOKEN"',
    ),
    "alternatives": ([MUTUAL, KEYS["query"], BEARER], '--data-urlencode "X-Key=$SOMETHING'),
}
IDS = {
    "integer": {"type": "integer", "minimum": 5},
    "number": {"type": "number"},
    "pattern": {"type": "string", "pattern": "^ves-[0-9a-f]{12}$"},
    "short": {"type": "string", "minLength": 2, "maxLength": 12},
    "enum": {"enum": ["north", "south"]},
    "text": {"type": "string"},
}


def contract_with(
    schemes: list[dict[str, Json]] | None = None, schema: dict[str, Json] | None = None
) -> Contract:
    """Return the contract with other security or another schema of ids."""
    data = yaml.safe_load(TEXT)
    if schemes is not None:
        names = [f"scheme{index}" for index in range(len(schemes))]
        data["components"]["securitySchemes"] = dict(zip(names, schemes, strict=True))
        data["security"] = [{name: []} for name in names]
    if schema is not None:
        (item,) = data["paths"].values()
        item["get"]["parameters"][0]["schema"] = schema
        data["components"]["schemas"]["Vessel"]["properties"]["id"] = schema
    return resolve(parse(yaml.safe_dump(data).encode(), "other.yaml"))


def test_undocumented_404() -> None:
    """A 404 for an unknown id is fine, documented or not."""
    contract = resolve(parse(TEXT.replace('"404":', '"401":').encode(), "other.yaml"))

    with embedded_target(contract) as target:
        run = run_checks(contract, target, examples=5)

    assert (run.verdict, run.findings, run.reason) == (Verdict.CLEAN, (), None)


@pytest.mark.parametrize(("schemes", "shown"), SHOWN.values(), ids=list(SHOWN))
def test_credential_of_each_scheme(schemes: list[dict[str, Json]], shown: str) -> None:
    """It is sent where the scheme says; no report shows it, nor how it is encoded."""
    contract = contract_with(schemes)
    token = f"me:{TOKEN}" if shown.startswith("-u") else TOKEN
    runs = []
    for mutant in (None, "takes-any-credential"):
        with running(contract, mutant=mutant) as server:
            target = live_target(contract, server.url, server.known_ids[:2], token)
            checks = [Check.PROBES, Check.GENERATED_REQUESTS]
            runs.append(run_checks(contract, target, examples=1, checks=checks))

    clean, faulty = runs
    assert (clean.verdict, clean.findings, clean.reason) == (Verdict.CLEAN, (), None)
    assert [finding.keyword for finding in faulty.findings] == ["authentication"]
    assert shown in target.credential.options(target.credential.shown)
    assert "curl -s http" in str(faulty.findings[0].reproduce)
    assert TOKEN not in repr(runs)


@pytest.mark.parametrize(
    ("header", "query"),
    [("x-key", ""), ("", "?X-Key=1"), ("cookie", "")],
    ids=["header", "query", "cookie"],
)
def test_no_other_credential_is_sent(header: str, query: str) -> None:
    """The guard knows where the contract's credential is."""
    contract = contract_with([KEYS["query" if query else "header"]])
    target = live_target(contract, "https://127.0.0.1:1", (), TOKEN)
    headers = {header: "1"} if header else {}

    with pytest.raises(RequestForbidden):
        Transport(target, 1).send("GET", f"{target.url}/vessels/1{query}", "", headers)


@pytest.mark.parametrize("security", [[], [{}, {"key": []}]], ids=["none", "optional"])
def test_no_credential_is_required(security: list[Json]) -> None:
    """No token is needed, and no probe expects a refusal."""
    data = yaml.safe_load(TEXT) | {"security": security}
    contract = resolve(parse(yaml.safe_dump(data).encode(), "other.yaml"))

    with embedded_target(contract) as target:
        run = run_checks(contract, target, examples=1)

    assert (run.verdict, run.completeness.probes) == (Verdict.CLEAN, 2)
    assert live_target(contract, "https://api.example.com", (), None).credential.shown == ""


def test_unsupported_security_is_refused() -> None:
    """The message names each alternative."""
    contract = contract_with([MUTUAL, {"type": "http", "scheme": "digest"}])

    with pytest.raises(DocumentError, match=r"'mutualTLS' is not supported.*'http digest' is not"):
        live_target(contract, "https://api.example.com", (), TOKEN)


@pytest.mark.parametrize("schema", IDS.values(), ids=list(IDS))
def test_ids_of_each_schema(schema: dict[str, Json]) -> None:
    """A run is clean, and probes only what cannot exist."""
    contract = contract_with(schema=schema)

    with embedded_target(contract) as target:
        run = run_checks(contract, target, examples=10)

    assert (run.verdict, run.findings, run.reason) == (Verdict.CLEAN, (), None)
    wrong, other = invalid(contract.id_schema), unknown(contract.id_schema, target.known_ids)
    assert run.completeness.probes == 2 + (wrong is not None) + (other is not None)
    assert (wrong is None, other is None) == (schema == IDS["text"], schema == IDS["enum"])
    if wrong is not None:
        with pytest.raises(TargetError, match="invalid job id"):
            canonical_id(contract, wrong)
    assert all(canonical_id(contract, f" {known}\n") == known for known in target.known_ids)


def test_generated_ids_fit_into_a_url() -> None:
    """A contract may allow ids of 150,000 characters, which no server would read."""
    place = "/paths/~1parcel~1{parcelId}/get/parameters/0/schema"

    cases = generated(contract_of(changed(place, {"type": "string", "maxLength": 150_000})))

    assert 0 < max(len(str(case.path_parameters)) for case in cases) < 10_000
